"""The bar lines and tempos of a whole film, such that every cue's first downbeat falls where the film has it.

A tempo in a MIDI file is a whole number of microseconds. Nothing is added up over the film: each stretch is laid out
from where the one before it really ended, and bars whose rounding would be felt are corrected.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field

from scoring.cue_sheet import Cue, CueSheet, Metre

SLOWEST_US = 2**24 - 1  # what a tempo event holds: microseconds a quarter note
_COARSEST_TICK_S = 0.001  # so that a rounded moment is half a millisecond off at most
_RESOLUTIONS = (960, 1920, 3840, 7680, 15360)  # ticks a quarter note
_CORRECTED_US = 200.0  # a bar line further off than this is put right by one bar's tempo
_SMALLEST_S = 50e-6  # a gap shorter than this is none
_SHORTEST_NOTE = 64


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar. tick, start_us: where it begins, in ticks and microseconds of film time. tempo_us: a quarter note."""

    tick: int
    start_us: float
    metre: Metre
    tempo_us: int


@dataclass(frozen=True, slots=True)
class TempoMap:
    """Bars from film time 0 past the film's end, without a gap."""

    ticks_per_quarter: int
    bars: tuple[Bar, ...]
    _starts_us: tuple[float, ...] = field(repr=False)

    def tick(self, time_s: float) -> int:
        """The tick nearest to a film time; what lies before the film is at 0."""
        time_us = time_s * 1e6
        bar = self.bars[max(bisect_right(self._starts_us, time_us + 1e-3) - 1, 0)]
        return max(bar.tick + round((time_us - bar.start_us) / bar.tempo_us * self.ticks_per_quarter), 0)


def tempo_map(sheet: CueSheet) -> TempoMap:
    """The map of a film: every cue in its own tempo and metre from its first downbeat on.

    Between two cues the first one's beats go on, a little faster or slower, so that a whole number of them fills the
    gap; a last bar of fewer beats takes what is left of a bar.
    """
    laid = _Laid(_resolution(sheet))
    first = sheet.cues[0]
    laid.fill(first.first_downbeat_s * 1e6, first, short_bar_first=True)
    for cue, after in zip(sheet.cues, [*sheet.cues[1:], None], strict=True):
        end_s = sheet.duration_s if after is None else after.first_downbeat_s
        laid.play(cue, _whole_bars(cue, end_s, is_last=after is None))
        if after is not None:
            laid.fill(end_s * 1e6, cue)
    bars = tuple(laid.bars)
    return TempoMap(laid.ticks_per_quarter, bars, tuple(bar.start_us for bar in bars))


def _whole_bars(cue: Cue, end_s: float, *, is_last: bool) -> int:
    """How many bars are played in time before the gap up to the next downbeat begins."""
    if is_last:
        return max(math.ceil((end_s - cue.first_downbeat_s) / cue.bar_s - 1e-6), 1)
    count = math.floor((cue.out_s - cue.first_downbeat_s) / cue.bar_s + 1e-6)
    left_s = end_s - cue.first_downbeat_s - count * cue.bar_s
    # Less than half a beat is no bar of its own: the last bar is stretched over it.
    return count - 1 if count and _SMALLEST_S < left_s < cue.beat_s / 2 else count


def _resolution(sheet: CueSheet) -> int:
    slowest_s = max(cue.beat_s * cue.metre.unit / 4 for cue in sheet.cues) * 1.5
    return next((n for n in _RESOLUTIONS if slowest_s / n <= _COARSEST_TICK_S), _RESOLUTIONS[-1])


class _Laid:
    """Bars as they are laid one after the other."""

    def __init__(self, ticks_per_quarter: int) -> None:
        self.ticks_per_quarter = ticks_per_quarter
        self.bars: list[Bar] = []
        self._tick = 0
        self._now_us = 0.0

    def play(self, cue: Cue, count: int) -> None:
        """So many bars of a cue in its own tempo."""
        quarters = cue.metre.beats * 4 / cue.metre.unit
        start_us = self._now_us
        steady_us = round(cue.bar_s * 1e6 / quarters)
        for number in range(1, count + 1):
            wanted_us = start_us + number * cue.bar_s * 1e6
            is_off = abs(self._now_us + steady_us * quarters - wanted_us) > _CORRECTED_US
            tempo_us = round((wanted_us - self._now_us) / quarters) if is_off else steady_us
            self._add(cue.metre, tempo_us)

    def fill(self, end_us: float, cue: Cue, *, short_bar_first: bool = False) -> None:
        """The beats of a cue up to a moment, as many as come nearest to its tempo."""
        if end_us - self._now_us < _SMALLEST_S * 1e6:
            return
        metres = _metres((end_us - self._now_us) / 1e6, cue)
        if short_bar_first:
            metres.reverse()
        quarters = [metre.beats * 4 / metre.unit for metre in metres]
        steady_us = round((end_us - self._now_us) / sum(quarters))
        left = sum(quarters)
        for metre, length in zip(metres, quarters, strict=True):
            left -= length
            # What the rounded tempo of the bars before has left over goes into the last one.
            self._add(metre, steady_us if left > 1e-9 else max(round((end_us - self._now_us) / length), 1))

    def _add(self, metre: Metre, tempo_us: int) -> None:
        tempo_us = min(tempo_us, SLOWEST_US)
        self.bars.append(Bar(self._tick, self._now_us, metre, tempo_us))
        self._tick += metre.beats * 4 * self.ticks_per_quarter // metre.unit
        self._now_us += tempo_us * metre.beats * 4 / metre.unit


def _metres(gap_s: float, cue: Cue) -> list[Metre]:
    """The bars that fill a gap: whole ones, then what is left over; of shorter notes where there is no room."""
    unit, beat_s = cue.metre.unit, cue.beat_s
    while gap_s < 0.7 * beat_s and unit < _SHORTEST_NOTE:
        unit, beat_s = unit * 2, beat_s / 2
    if unit != cue.metre.unit:
        return [Metre(1, unit)]
    slowest_beat_s = SLOWEST_US / 1e6 * 4 / unit
    beats = max(round(gap_s / beat_s), math.ceil(gap_s / slowest_beat_s), 1)
    bars, rest = divmod(beats, cue.metre.beats)
    return [cue.metre] * bars + ([Metre(rest, unit)] if rest else [])
