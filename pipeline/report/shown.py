"""What the page of a report draws: everything on it, and nothing of how it was got."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.card.row import Row
from scoring.cue_sheet import Cue
from scoring.timebase import TimeRange

Series = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture of the film: a JPEG file's bytes."""

    time_s: float
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Felt:
    """The emotion curve at rising times: valence, arousal −1..1, tension 0..1."""

    times_s: Series
    valence: Series
    arousal: Series
    tension: Series


@dataclass(frozen=True, slots=True)
class Shown:
    """One page. Whatever is not known is None or empty; times are film seconds.

    title: the film's name. rows: the card. hits: (time, weight, whether it landed or None). beats_s, bars_s: as
    planned. music_peak, film_peak: largest sample of each tenth of a second. short_term_lufs: of the finished sound, a
    tenth of a second each (3 s windows, their middle); target_lufs, tolerance_lu: the standard. clearance_lu: speech
    over music in 3 s windows, NaN without speech; wanted_lu. duck_db: gain laid over the music, 10 a second, 0 or less.
    speech, rests: where somebody speaks, where no music is meant. tried: what was composed again and why, one mapping
    each (cue, how, engine, seed, failed, kept). notes: sentences for people. facts: name → value, small print.
    """

    title: str
    duration_s: float
    rows: tuple[Row, ...]
    felt: Felt | None = None
    cuts_s: tuple[float, ...] = ()
    cues: tuple[Cue, ...] = ()
    beats_s: tuple[float, ...] = ()
    bars_s: tuple[float, ...] = ()
    hits: tuple[tuple[float, float, bool | None], ...] = ()
    music_peak: Series | None = None
    film_peak: Series | None = None
    short_term_lufs: Series | None = None
    target_lufs: float | None = None
    tolerance_lu: float = 0.5
    clearance_lu: Series | None = None
    wanted_lu: float | None = None
    duck_db: Series | None = None
    speech: tuple[TimeRange, ...] = ()
    rests: tuple[TimeRange, ...] = ()
    thumbnails: tuple[Thumbnail, ...] = ()
    tried: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
