"""The cue sheet: the waist of Cuesmith, made by spotting, edited by people, read by every engine.

Its JSON form lives in cue_sheet_json.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from scoring.key import Key
from scoring.timebase import FrameRate, TimeRange
from scoring.wishes.asked import Asked

HitKind = Literal["cut", "motion", "sound", "turn", "reveal", "manual"]
TransitionKind = Literal["crossfade", "ring_out", "cut", "end"]

MINIMUM_FILM_S = 0.5  # a shorter film is refused
MINIMUM_CUE_S = 8.0  # a shorter film is one cue; no cue of a longer film is shorter


@dataclass(frozen=True, slots=True)
class HitPoint:
    """A picture moment the music must land on.

    time_s: film time. weight: 0..1. tolerance_ms: a hit lies within ± this. locked: a person set it; never moved.
    """

    time_s: float
    weight: float
    tolerance_ms: float
    kind: HitKind
    locked: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Transition:
    """How a cue hands over to the next. beats: length of the overlap in beats of this cue; 0 for cut and end."""

    kind: TransitionKind
    beats: float
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Metre:
    """Beats a bar and the note that is one beat, written "4/4"."""

    beats: int = 4
    unit: int = 4

    def __str__(self) -> str:
        return f"{self.beats}/{self.unit}"


@dataclass(frozen=True, slots=True)
class Cue:
    """One continuous piece of music, [in_s, out_s) of the film.

    first_downbeat_s: film time of the first bar line, in_s or later; before it the music leads in.
    bpm: beats (of the metre's unit) a minute.
    valence, arousal −1..1 and tension 0..1: what the music is to express; spotting puts the cue's means of the film's
    feeling here, its contrasts widened (feeling.py).
    intensity: ((film time s, 0..1), …) rising in time; straight lines between, held at the ends. Points may lie
    outside the cue, where a person has moved its edges.
    density: the same for how many notes are written, where that is not as the intensity says; empty where it is.
    setting: where it plays, a name of the vocabulary, "" where nothing says so; palette: instruments that belong there
    and join the style's own where a person names none.
    prompt: tags for neural engines; prompt_as_spotted: as Cuesmith wrote it, so that what differs is a person's.
    wishes: what a person asks of this cue. locked: spotting again leaves this cue alone.
    extra: fields of the JSON form this version does not know, kept.
    """

    id: str
    in_s: float
    out_s: float
    mood: str
    bpm: float
    key: Key
    metre: Metre
    first_downbeat_s: float
    valence: float
    arousal: float
    tension: float
    intensity: tuple[tuple[float, float], ...]
    hit_points: tuple[HitPoint, ...]
    transition: Transition
    prompt: str
    seed: int
    locked: bool = False
    prompt_as_spotted: str = ""
    wishes: Asked = field(default_factory=Asked)
    density: tuple[tuple[float, float], ...] = ()
    setting: str = ""
    palette: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.out_s - self.in_s

    @property
    def beat_s(self) -> float:
        """Length of one beat, seconds."""
        return 60.0 / self.bpm

    @property
    def bar_s(self) -> float:
        """Length of one bar, seconds."""
        return self.beat_s * self.metre.beats


@dataclass(frozen=True, slots=True)
class CueSheet:
    """All the music of one film, in order, without overlap; what no cue covers is in `silences`.

    seed: the film's; its theme is drawn from it. source: the film's file name, for people.
    """

    source: str
    duration_s: float
    frame_rate: FrameRate
    style: str
    seed: int
    analyser: str
    cues: tuple[Cue, ...]
    silences: tuple[TimeRange, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
