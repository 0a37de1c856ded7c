"""What the picture and the sound say: emotion curve, shots, activity, speech, music already there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from math import isnan, nan
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from scoring.speech import SourceMusic, Speech
from scoring.timebase import TimeRange

Curve = NDArray[np.float64]
CutKind = Literal["cut", "dissolve", "fade"]

SCHEMA = "cuesmith.analysis/3"


_CURVES = (
    "times_s",
    "valence",
    "arousal",
    "tension",
    "confidence",
    "mood_probabilities",
    "setting_probabilities",
    "voice",
)


@dataclass(frozen=True, slots=True)
class EmotionCurve:
    """What the film feels like over time. What made it is in `analyser`; how far to trust it, in `confidence`.

    times_s: [T] rising. valence, arousal: [T] −1..1. tension: [T] 0..1. confidence: [T] 0..1.
    moods: M names. mood_probabilities: [T, M], rows sum to 1.
    settings: S names of places and occasions, none where the analyser cannot know. setting_probabilities: [T, S], rows
    sum to 1 with the name "none" among them.
    voice: [T] −1..1, how much livelier (or calmer) the voices are than a usual one: it moves how densely the music is
    written, never its level. Empty where nobody spoke or nothing listened.
    read_from: what went into the curve, for people: ("picture", "motion", "sound", "subtitles").
    """

    times_s: Curve
    valence: Curve
    arousal: Curve
    tension: Curve
    confidence: Curve
    moods: tuple[str, ...]
    mood_probabilities: Curve
    analyser: str
    settings: tuple[str, ...] = ()
    setting_probabilities: Curve = field(default_factory=lambda: np.zeros((0, 0)))
    voice: Curve = field(default_factory=lambda: np.zeros(0))
    read_from: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain lists, rounded to four decimals."""
        rounded = {name: np.round(getattr(self, name), 4).tolist() for name in _CURVES}
        names = {"moods": list(self.moods), "settings": list(self.settings), "read_from": list(self.read_from)}
        return {**rounded, **names, "analyser": self.analyser}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> EmotionCurve:
        """The inverse of to_json, up to the rounding. What a document of schema 2 lacks is left empty."""
        arrays: dict[str, Any] = {name: np.asarray(data[name], dtype=np.float64) for name in _CURVES if name in data}
        return cls(
            **arrays,
            moods=tuple(data["moods"]),
            analyser=data["analyser"],
            settings=tuple(data.get("settings", ())),
            read_from=tuple(data.get("read_from", ())),
        )


@dataclass(frozen=True, slots=True)
class Cut:
    """A change of shot; strength 0..1.

    time_s: of a hard cut, when the new shot's first picture is shown; of a dissolve, its middle; of a fade, where the
    picture is blank, and of one that opens the film, where it is fully there. start_s, end_s: the extent of the
    change around it; both are time_s where left out, as of every hard cut.
    """

    time_s: float
    kind: CutKind
    strength: float
    start_s: float = nan
    end_s: float = nan

    def __post_init__(self) -> None:
        """Fill in what was left out."""
        for name in ("start_s", "end_s"):
            if isnan(getattr(self, name)):
                object.__setattr__(self, name, self.time_s)

    @property
    def length_s(self) -> float:
        """How long the change takes; 0 for a hard cut."""
        return self.end_s - self.start_s

    def to_json(self) -> dict[str, Any]:
        """Plain values; the extent only where there is one."""
        values = asdict(self)
        if self.start_s == self.end_s == self.time_s:
            del values["start_s"], values["end_s"]
        return values


@dataclass(frozen=True, slots=True)
class Shots:
    """The film's cuts, and how much moves in each shot.

    motion: one value per shot (len(cuts) + 1), 0..1.
    """

    duration_s: float
    cuts: tuple[Cut, ...]
    motion: tuple[float, ...]

    @property
    def ranges(self) -> Sequence[TimeRange]:
        """The shots as half-open ranges that cover the film."""
        edges = [0.0, *(cut.time_s for cut in self.cuts), self.duration_s]
        return [TimeRange(a, b) for a, b in pairwise(edges) if b > a]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"duration_s": self.duration_s, "cuts": [c.to_json() for c in self.cuts], "motion": list(self.motion)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Shots:
        """The inverse of to_json."""
        return cls(data["duration_s"], tuple(Cut(**c) for c in data["cuts"]), tuple(data["motion"]))


@dataclass(frozen=True, slots=True)
class Activity:
    """How much moves and sounds, evenly sampled: value k covers [k, k+1) / rate_hz seconds.

    motion: [N] 0..1, mean change between neighbouring pictures, cuts taken out.
    sound_db: [N] dBFS RMS of the film's own sound, −120 where it is silent.
    """

    rate_hz: float
    motion: Curve
    sound_db: Curve

    def to_json(self) -> dict[str, Any]:
        """Plain lists, rounded to four decimals."""
        return {
            "rate_hz": self.rate_hz,
            "motion": np.round(self.motion, 4).tolist(),
            "sound_db": np.round(self.sound_db, 2).tolist(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Activity:
        """The inverse of to_json, up to the rounding."""
        return cls(data["rate_hz"], np.asarray(data["motion"], np.float64), np.asarray(data["sound_db"], np.float64))


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything that spotting needs to know about a film."""

    duration_s: float
    shots: Shots
    curve: EmotionCurve
    activity: Activity
    speech: Speech = field(default_factory=Speech)
    source_music: SourceMusic = field(default_factory=SourceMusic)

    def to_json(self) -> dict[str, Any]:
        """A versioned document."""
        return {
            "schema": SCHEMA,
            "duration_s": self.duration_s,
            "shots": self.shots.to_json(),
            "curve": self.curve.to_json(),
            "activity": self.activity.to_json(),
            "speech": self.speech.to_json(),
            "source_music": self.source_music.to_json(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Analysis:
        """The inverse of to_json, up to its rounding. A document of schema 1 knows of no speech and no music."""
        return cls(
            data["duration_s"],
            Shots.from_json(data["shots"]),
            EmotionCurve.from_json(data["curve"]),
            Activity.from_json(data["activity"]),
            Speech.from_json(data["speech"]) if "speech" in data else Speech(),
            SourceMusic.from_json(data["source_music"]) if "source_music" in data else SourceMusic(),
        )


def describe_shots(cuts: tuple[Cut, ...], activity: Activity, duration_s: float) -> Shots:
    """The shots between cuts (rising), with the mean motion of each; a cut's own time belongs to the new shot."""
    centres_s = (np.arange(len(activity.motion)) + 0.5) / activity.rate_hz
    shots = np.searchsorted(np.array([cut.time_s for cut in cuts]), centres_s, side="right")
    bins = np.bincount(shots, minlength=len(cuts) + 1)
    total = np.bincount(shots, weights=activity.motion, minlength=len(cuts) + 1)
    motion = np.where(bins > 0, total / np.maximum(bins, 1), 0.0)
    return Shots(duration_s, cuts, tuple(float(value) for value in motion))
