"""Faults of the music's shape: silence, loops, a voice, sound cut short."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
from sung import sing
from voices import VOICES

from faults.base import Base, Spoilt, cut, meter
from faults.fault import Fault, times, yes_no
from scoring.timebase import samples_at, seconds_of


def gap_edge(base: Base) -> float | None:
    """G1's threshold, where three times as much fits into a cue."""
    edge = base.bad("G1")
    return edge if edge is not None and base.quiet_stretch(3 * edge) >= 0 else None


def missing(base: Base, seconds: float) -> Spoilt:
    """A stretch in the middle of a cue in which there is no music."""
    start_s = base.quiet_stretch(seconds)
    return Spoilt(laid=cut(base.laid, start_s, start_s + seconds))


def ends_early(base: Base, seconds: float) -> Spoilt:
    """The music stops, at once, so much before the film's end."""
    end_s = base.evidence.duration_s
    return Spoilt(laid=cut(base.laid, end_s - seconds, end_s))


def take_stops(base: Base, seconds: float) -> Spoilt:
    """A cue's take stops so much before the next cue begins, as neural engines' do."""
    join = base.seam("crossfade", "cut")
    assert join is not None
    return Spoilt(laid=cut(base.laid, join.at_s - seconds, join.at_s))


def tail_edge(base: Base) -> float | None:
    """By how much the tail must sink to fail, dB, where it can be judged."""
    edge = base.bad("G1-tail")
    return None if edge is None else -edge


def sinking(base: Base, down_db: float) -> Spoilt:
    """The last tenth of the film's music so much lower."""
    cue = base.plan.cues[-1]
    start_s = cue.range.end_s - 0.1 * cue.range.duration_s - 0.3
    return Spoilt(laid=cut(base.laid, start_s, base.evidence.duration_s, 10 ** (-down_db / 20), fade_s=0.3))


def looped(base: Base, per_cent: float) -> Spoilt:
    """One bar of each cue copied over so much of the cue, from its second bar on."""
    spoilt = base.laid.copy()
    for cue in base.plan.cues:
        bars = [samples_at(bar_s) for bar_s in cue.bars_s]
        if len(bars) < 6:
            continue
        source = base.laid[:, bars[1] : bars[2]]
        covered = min(1.0, per_cent / 100) * (len(bars) - 2)
        for start, stop in list(itertools.pairwise(bars[2:]))[: round(covered)]:
            n = min(stop - start, source.shape[1], spoilt.shape[1] - start)
            spoilt[:, start : start + n] = source[:, :n]
    return Spoilt(laid=spoilt)


def singing(number: int, over_lu: float) -> Callable[[Base, float], Spoilt]:
    """A voice of tests/support sings over the longest cue, at so much over the music."""

    def spoil(base: Base, present: float) -> Spoilt:
        if not present:
            return Spoilt()
        cue = base.longest_cue()
        first, last = samples_at(cue.range.start_s + 1), samples_at(cue.range.end_s - 1)
        voice, _ = sing(seconds_of(last - first), 40 + number, VOICES[number])
        n = min(voice.shape[1], last - first)
        gain_lu = meter(base.laid[:, first:last]).integrated_lufs + over_lu - meter(voice).integrated_lufs
        spoilt = base.laid.copy()
        spoilt[:, first : first + n] += voice[:, :n] * np.float32(10 ** (gain_lu / 20))
        return Spoilt(laid=spoilt)

    return spoil


def has_take_to_stop(base: Base) -> float | None:
    """G1's threshold, where a cue hands over to another."""
    return base.bad("G1") if base.seam("crossfade", "cut") is not None else None


FAULTS = (
    Fault("missing seconds", ("G1",), "s", times(gap_edge), missing),
    Fault("silent tail of the film", ("G1", "G1-tail"), "s", times(lambda base: base.bad("G1")), ends_early),
    Fault("silent tail of a take", ("G1", "G1-tail"), "s", times(has_take_to_stop), take_stops),
    Fault("tail sinks", ("G1-tail", "G1"), "dB", times(tail_edge), sinking),
    Fault("looped bar", ("G3",), "%", times(lambda base: base.bad("G3")), looped),
    Fault("sung voice, low", ("G4",), "", yes_no(lambda base: base.bad("G4") is not None), singing(2, 0.0)),
    Fault("sung voice, high", ("G4",), "", yes_no(lambda base: base.bad("G4") is not None), singing(3, 3.0)),
)
