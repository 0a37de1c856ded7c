"""What the rows are read from: the sound as features, and what was planned. Whatever is not known is None."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.card.track import Track
from pipeline.sound.join import Join
from pipeline.sound.loudness import LoudnessTarget
from scoring.cue_sheet import HitPoint
from scoring.key import Key
from scoring.timebase import TimeRange

Series = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CuePlan:
    """What was planned for one cue. All times are the track's: film seconds, or a lone take's own.

    beats_s, bars_s: the grid of its take. intensity: points (time, 0..1), straight lines between, held at the ends.
    chords: (time, symbol). hits: with weight > 0. engine: who composed it. is_exact: whether that engine puts beats
    where they are planned. is_instrumental: no voice is meant to sing. ends: how it hands over. withheld: its music was
    not delivered.
    """

    id: str
    range: TimeRange
    bpm: float
    key: Key
    beats_s: tuple[float, ...]
    bars_s: tuple[float, ...]
    intensity: tuple[tuple[float, float], ...]
    hits: tuple[HitPoint, ...]
    chords: tuple[tuple[float, str], ...] = ()
    engine: str = ""
    is_exact: bool = False
    is_instrumental: bool = True
    arousal: float = 0.0
    ends: str = "crossfade"
    withheld: bool = False


def cue_at(cues: Iterable[CuePlan], time_s: float, early_s: float = 0.0) -> str:
    """The id of the cue that sounds at a time, or will within early_s; "" where none does."""
    return next((cue.id for cue in cues if cue.range.start_s - early_s <= time_s < cue.range.end_s), "")


@dataclass(frozen=True, slots=True)
class Plan:
    """The music as planned.

    cues: in order. joins: where they meet. rests: stretches in which no music is meant. gain_db: [N] the gain laid over
    the music, static and ducks, GAIN_HZ points a second; None where it was not changed. cuts_s: the film's cuts.
    """

    cues: tuple[CuePlan, ...]
    joins: tuple[Join, ...] = ()
    rests: tuple[TimeRange, ...] = ()
    gain_db: Series | None = None
    cuts_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Levels:
    """The gained stems, [K] K-weighted mean squares a tenth of a second each, and where somebody speaks.

    voice: what speech is measured by (the centre where it carries it). centre: of the centre loudspeaker where the film
    has one, carried or not. speech: as heard, stretched to its sound. wanted_lu: the clearance asked for. is_ducked:
    whether the music was to make room. unducked: [K] the music before any gain. quiet: where no music is meant.
    """

    music: Series
    source: Series
    voice: Series
    speech: tuple[TimeRange, ...]
    wanted_lu: float
    is_ducked: bool
    centre: Series | None = None
    unducked: Series | None = None
    quiet: tuple[TimeRange, ...] = ()


@dataclass(frozen=True, slots=True)
class Curve:
    """How lively the film feels: arousal −1..1 at rising times."""

    times_s: Series
    arousal: Series


@dataclass(frozen=True, slots=True)
class Encoded:
    """The encoded file as a player reads it. Loudness −inf where it is silent. offset_ms: None where unknown.

    length_error_s: sound minus picture. frame_s: one picture.
    """

    integrated_lufs: float
    true_peak_dbtp: float
    range_lu: float
    length_error_s: float | None
    frame_s: float
    offset_ms: float | None
    target: LoudnessTarget | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything known of one scored film.

    duration_s: of the picture, or of a lone take. music: the music by itself, as delivered. whole: all that sounds in
    the file, film sound too; None for a lone take. has_source: whether the music was got by taking the film's own
    sound away.
    """

    duration_s: float
    music: Track | None
    whole: Track | None = None
    plan: Plan | None = None
    levels: Levels | None = None
    curve: Curve | None = None
    encoded: Encoded | None = None
    has_source: bool = False
