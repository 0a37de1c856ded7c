"""The engine-neutral contract: what an engine is asked for, and what it hands back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from scoring.cue_sheet import Cue, CueSheet, HitPoint, Metre, TransitionKind
from scoring.key import Key
from scoring.timebase import TimeRange
from scoring.wishes.obeying import wishes_of
from scoring.wishes.reading import Wishes

Samples = NDArray[np.float32]  # [2, N], 48 kHz, ±1.0 full scale


@dataclass(frozen=True, slots=True)
class CueRequest:
    """One cue, asked of any engine. Times are seconds from the cue's start.

    prompt: English tags. lyrics: None for instrumental. structure: section names in order, or empty.
    film_seed: the same for every cue of a film; theme and palette come from it. seed: this cue's own.
    is_first, is_last: whether the film's music begins or ends with this cue.
    ending: how it hands over; "end" asks for a real ending.
    lead_in_s: sound wanted before the cue starts, for a crossfade centred on its first sample (a held
    chord, a pickup); the engine may return less. tail_s: the longest ring-out wanted after duration_s.
    density: like the intensity, for how many notes are written; empty means as the intensity. Never how loud.
    palette: instruments that the picture suggests, for where no wish names any.
    wishes: what a person asks beyond mood, tempo and key. speech: where somebody speaks, half open, in order.
    source, repaint: an earlier take and the span of it to make anew, for engines that can.
    """

    cue_id: str
    style: str
    prompt: str
    mood: str
    duration_s: float
    bpm: float
    key: Key
    metre: Metre
    first_downbeat_s: float
    valence: float
    arousal: float
    tension: float
    intensity: tuple[tuple[float, float], ...]
    hit_points: tuple[HitPoint, ...]
    ending: TransitionKind
    seed: int
    film_seed: int
    is_first: bool
    is_last: bool
    lead_in_s: float = 0.0
    tail_s: float = 0.0
    structure: tuple[str, ...] = ()
    lyrics: str | None = None
    reference_audio: Samples | None = None
    source: Samples | None = None
    repaint: TimeRange | None = None
    wishes: Wishes = field(default_factory=Wishes)
    speech: tuple[TimeRange, ...] = ()
    density: tuple[tuple[float, float], ...] = ()
    palette: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChordAt:
    """A chord symbol and when it starts, seconds from the cue's start."""

    time_s: float
    symbol: str


@dataclass(frozen=True, slots=True)
class CueAudio:
    """One cue as an engine made it.

    audio: [2, N] float32 at 48 kHz, laid out lead-in | body | tail.
    lead_in_samples: before the cue's start, at most lead_in_s. body_samples: exactly the asked duration.
    What is left, at most tail_s, rings after the cue's end.
    stems: name → [2, N]; they add up to audio. Empty where the engine has none or was not asked for them.
    beats_s, bars_s: planned grid, seconds from the cue's start, each within [0, duration_s].
    midi: a standard MIDI file with tempo map, or empty.
    unheeded: wishes the engine could not obey, in the words of pipeline.heeding ("no drums").
    """

    cue_id: str
    engine: str
    audio: Samples
    lead_in_samples: int
    body_samples: int
    beats_s: tuple[float, ...]
    bars_s: tuple[float, ...]
    stems: Mapping[str, Samples] = field(default_factory=dict)
    midi: bytes = b""
    chords: tuple[ChordAt, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    unheeded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One take that was made of a cue and judged. how: "as asked", "next seed", "next plan", "next engine".

    failed: ids of the checks that it failed. why: for people; of an attempt that broke, the error. kept: it is the one.
    """

    cue: str
    how: str
    engine: str
    seed: int
    failed: tuple[str, ...]
    why: str
    kept: bool = False


@dataclass(frozen=True, slots=True)
class CueTake:
    """What is known of a composed cue once its sound lies on disk: everything of CueAudio but the samples.

    tried: what was made of it, where the first take failed a check. withheld: why its music is not delivered, "" when
    it is.
    """

    cue_id: str
    engine: str
    seed: int
    lead_in_samples: int
    body_samples: int
    total_samples: int
    stems: tuple[str, ...]
    beats_s: tuple[float, ...]
    bars_s: tuple[float, ...]
    chords: tuple[ChordAt, ...]
    warnings: tuple[str, ...]
    unheeded: tuple[str, ...] = ()
    tried: tuple[Attempt, ...] = ()
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """One take per cue, in film order. The samples stay on disk, so that an hour of music costs no memory."""

    takes: tuple[CueTake, ...]


def request_for(
    sheet: CueSheet, cue: Cue, *, lead_in_s: float, tail_s: float, speech: Sequence[TimeRange] = ()
) -> CueRequest:
    """The request for one cue of a sheet. speech: where somebody speaks in the film, in order.

    It depends on nothing but that cue, what is spoken over it and the film's style, seed and ends, so that an edit to
    another cue leaves this one's music as it was.
    """
    wishes = wishes_of(cue).for_engine()
    return CueRequest(
        cue_id=cue.id,
        style=sheet.style,
        prompt=cue.prompt,
        mood=cue.mood,
        duration_s=cue.duration_s,
        bpm=cue.bpm,
        key=cue.key,
        metre=cue.metre,
        first_downbeat_s=cue.first_downbeat_s - cue.in_s,
        valence=cue.valence,
        arousal=cue.arousal,
        tension=cue.tension,
        intensity=tuple((time_s - cue.in_s, value) for time_s, value in cue.intensity),
        hit_points=tuple(
            HitPoint(h.time_s - cue.in_s, h.weight, h.tolerance_ms, h.kind, h.locked) for h in cue.hit_points
        ),
        ending=cue.transition.kind,
        seed=cue.seed,
        film_seed=sheet.seed,
        is_first=cue is sheet.cues[0],
        is_last=cue is sheet.cues[-1],
        lead_in_s=lead_in_s,
        tail_s=tail_s,
        structure=tuple(section.name for section in wishes.sections),
        wishes=wishes,
        speech=_within(cue, speech),
        palette=cue.palette,
        density=tuple((time_s - cue.in_s, value) for time_s, value in cue.density),
    )


def _within(cue: Cue, speech: Sequence[TimeRange]) -> tuple[TimeRange, ...]:
    """The stretches that touch a cue, cut to it, seconds from its start."""
    edges = ((max(s.start_s, cue.in_s) - cue.in_s, min(s.end_s, cue.out_s) - cue.in_s) for s in speech)
    return tuple(TimeRange(start_s, end_s) for start_s, end_s in edges if end_s > start_s)
