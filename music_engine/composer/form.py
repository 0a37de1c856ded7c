"""Form: the bars, phrases, accents and ending of a cue, before there is a note."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from music_engine.composer.sections import Span, lay_sections, section_intensity
from music_engine.grid import first_bar_line_s
from scoring.request import CueRequest

HEAVY_WEIGHT = 0.6  # from here a hit gets preparation, arrival and release (design choice)
PHRASE_BARS = 4
JUMP = 0.2  # a rise or fall of intensity this large from bar to bar begins a phrase
RING_S = 1.8  # the last chord of an ending has at least this long to die away
SHORTEST_BAR = 0.5  # of a bar, in beats: a shorter rest before the end is no bar of its own


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. beat: its bar line, from the first one; beats: its length, shorter where the cue ends inside it.

    intensity: how strong it is, density: how many notes are written in it, 0..1. phrase: which phrase; place: its
    number within it; left: bars of the phrase after it.
    """

    index: int
    beat: float
    beats: float
    intensity: float
    density: float
    phrase: int = 0
    place: int = 0
    left: int = 0

    @property
    def lift(self) -> float:
        """How much denser than strong the bar is, −1..1: what its figures add or leave out beyond their patterns."""
        return self.density - self.intensity


@dataclass(frozen=True, slots=True)
class Accent:
    """A hit point on the grid. beat: where the music lands; time_s: the same, from the cue's start.

    heavy: gets preparation, arrival and release. weight: 0..1.
    """

    beat: float
    time_s: float
    weight: float
    heavy: bool


@dataclass(frozen=True, slots=True)
class Form:
    """The grid of a cue. Beats count from the first bar line; origin_s is its time from the cue's start.

    start_beat: where sound may begin (lead-in). body_beat: the cue's own start. end_beat: its end; stop_beat: the
    last sample (tail). final_beat: where the last chord of an ending falls, or None where the cue hands over.
    sections: over the bars, where somebody asked for them.
    """

    beat_s: float
    beats_per_bar: int
    origin_s: float
    start_beat: float
    body_beat: float
    end_beat: float
    stop_beat: float
    final_beat: float | None
    bars: tuple[Bar, ...]
    accents: tuple[Accent, ...]
    sections: tuple[Span, ...] = ()

    def time_s(self, beat: float) -> float:
        """Seconds from the cue's start."""
        return self.origin_s + beat * self.beat_s

    def beat_at(self, time_s: float) -> float:
        """The inverse of time_s."""
        return (time_s - self.origin_s) / self.beat_s

    @property
    def last_beat(self) -> float:
        """Where the bars end: at the last chord of an ending, else at the end of the cue."""
        return self.end_beat if self.final_beat is None else self.final_beat

    @property
    def phrases(self) -> tuple[tuple[Bar, ...], ...]:
        """The bars, phrase by phrase."""
        count = self.bars[-1].phrase + 1 if self.bars else 0
        return tuple(tuple(bar for bar in self.bars if bar.phrase == number) for number in range(count))

    def as_dense_as_strong(self) -> Form:
        """The form with its density as its intensity."""
        return replace(self, bars=tuple(replace(bar, density=bar.intensity) for bar in self.bars))

    def bar_at(self, beat: float) -> Bar | None:
        """The bar that a beat lies in; before the first and after the last, those; None if there are no bars."""
        if not self.bars:
            return None
        return self.bars[min(max(int(beat // self.beats_per_bar), 0), len(self.bars) - 1)]


def plan_form(request: CueRequest) -> Form:
    """The form of a cue of any length from 0.5 s, any tempo and any metre."""
    beat_s = 60.0 / request.bpm
    origin_s = first_bar_line_s(request)
    form = Form(
        beat_s=beat_s,
        beats_per_bar=request.metre.beats,
        origin_s=origin_s,
        start_beat=-(origin_s + request.lead_in_s) / beat_s,
        body_beat=-origin_s / beat_s,
        end_beat=(request.duration_s - origin_s) / beat_s,
        stop_beat=(request.duration_s + request.tail_s - origin_s) / beat_s,
        final_beat=None,
        bars=(),
        accents=(),
    )
    form = replace(form, accents=_accents(request, form))
    if request.ending == "end":
        form = replace(form, final_beat=_final_beat(form))
        form = replace(form, accents=tuple(a for a in form.accents if a.beat <= form.last_beat + 1e-6))
    bars = _bars(request, form)
    spans = lay_sections(len(bars), request.wishes.sections, has_words=bool(request.lyrics))
    if spans:
        bars = [_in_section(bar, spans) for bar in bars]
    starts = tuple(span.first for span in spans if span.first)
    return replace(form, bars=_phrased(bars, form.accents, starts), sections=spans)


def _accents(request: CueRequest, form: Form) -> tuple[Accent, ...]:
    """One accent a beat at most, the heaviest; a heavy one only where the hit is within its tolerance of a beat."""
    found: dict[int, Accent] = {}
    for hit in request.hit_points:
        beat = round(form.beat_at(hit.time_s))
        time_s = form.time_s(beat)
        if not form.body_beat - 1e-6 <= beat < form.end_beat - 1e-6:
            continue
        near = abs(time_s - hit.time_s) <= hit.tolerance_ms / 1000.0
        accent = Accent(float(beat), time_s, hit.weight, near and hit.weight >= HEAVY_WEIGHT)
        if beat not in found or accent.weight > found[beat].weight:
            found[beat] = accent
    return tuple(found[beat] for beat in sorted(found))


def _final_beat(form: Form) -> float:
    """Where the last chord falls: a heavy hit near the end, else the last bar line that leaves it time to ring."""
    latest = form.end_beat - RING_S / form.beat_s
    earliest = latest - 1.5 * form.beats_per_bar
    hits = [a.beat for a in form.accents if a.heavy and earliest <= a.beat <= latest and a.beat > 0]
    if hits:
        return hits[-1]
    bar_line = math.floor(latest / form.beats_per_bar + 1e-6) * form.beats_per_bar
    return float(bar_line) if bar_line >= 0 else max(form.body_beat, min(0.0, latest))


def _bars(request: CueRequest, form: Form) -> list[Bar]:
    """Bars up to the last beat; a remnant shorter than half a beat belongs to the bar before it."""
    length = float(form.beats_per_bar)
    count = max(math.ceil((form.last_beat - SHORTEST_BAR) / length), 0)
    bars = []
    for index in range(count):
        beat = index * length
        beats = form.last_beat - beat if index == count - 1 else length
        around_s = form.time_s(beat) + np.linspace(0.0, beats * form.beat_s, 5)
        intensity = _level(request.intensity, around_s)
        density = _level(request.density, around_s) if request.density else intensity
        bars.append(Bar(index, beat, beats, intensity, density))
    return bars


def _level(points: tuple[tuple[float, float], ...], around_s: NDArray[np.float64]) -> float:
    """The mean of a course at some times, 0.5 where it has no points."""
    times_s, values = zip(*(points or ((0.0, 0.5),)), strict=True)
    return float(np.clip(np.interp(around_s, times_s, values).mean(), 0.0, 1.0))


def _in_section(bar: Bar, spans: tuple[Span, ...]) -> Bar:
    """The bar as strong as its section, and as much denser than that as it was."""
    intensity = section_intensity(spans, bar.index, bar.intensity)
    apart = bar.density - bar.intensity
    return replace(bar, intensity=intensity, density=min(max(intensity + apart, 0.0), 1.0))


def _phrased(bars: list[Bar], accents: tuple[Accent, ...], starts: tuple[int, ...]) -> tuple[Bar, ...]:
    """Phrases of four bars or so, begun anew with a section, a heavy hit on a bar line, a jump of the intensity."""
    heavy = {a.beat for a in accents if a.heavy}
    turns = [
        b.index
        for a, b in pairwise(bars)
        if b.index in starts or b.beat in heavy or abs(b.intensity - a.intensity) >= JUMP
    ]
    phrased: list[Bar] = []
    phrase = 0
    for start, stop in pairwise([0, *turns, len(bars)]):
        for length in phrase_lengths(stop - start):
            for place in range(length):
                phrased.append(replace(bars[len(phrased)], phrase=phrase, place=place, left=length - 1 - place))
            phrase += 1
    return tuple(phrased)


def phrase_lengths(bars: int) -> list[int]:
    """How many bars fall into phrases: fours, with one phrase of 5, or one of 6, or one of 3 to fit.

    >>> phrase_lengths(13), phrase_lengths(10), phrase_lengths(7), phrase_lengths(2)
    ([4, 4, 5], [4, 6], [4, 3], [2])
    """
    fours, rest = divmod(bars, PHRASE_BARS)
    if fours == 0 or rest == 3:
        return [PHRASE_BARS] * fours + ([rest] if rest else [])
    return [PHRASE_BARS] * (fours - 1) + [PHRASE_BARS + rest]
