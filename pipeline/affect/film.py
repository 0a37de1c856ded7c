"""The front door of evaluation on a rated film: a curve against what people said moment by moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.affect.agreement import CHANCE_PERCENT, PERMUTATIONS, pearson, shift_null
from pipeline.affect.ratings import RatedFilm
from pipeline.media.decode import FilmReader
from pipeline.media.probe import probe
from pipeline.settings import Settings
from scoring.analysis import Curve
from scoring.errors import InputError
from vision.analyse import analyse
from vision.analyser import CURVE_RATE_HZ, Analyser
from vision.formulas import AXES, FORMULAS, Feelings, measure
from vision.frames import Frame, MediaItem, Still

WINDOWS_S = (3.0, 9.0, 21.0)  # what both curves are smoothed over; the longer, the fewer independent moments are left
LEAST_WINDOWS = 2  # a rated stretch shorter than so many windows says nothing at that smoothing


@dataclass(frozen=True, slots=True)
class Match:
    """Pearson's r at one smoothing. chance: the 95th percentile of r over circular shifts of the rating, None where

    the film has no room for one. moments: rated length over the window, about how many independent ones there are.
    """

    window_s: float
    r: float
    chance: float | None
    shifts: int
    moments: float

    def to_json(self) -> dict[str, Any]:
        """Plain values, four decimals."""
        chance = None if self.chance is None else round(self.chance, 4)
        return {
            "window_s": self.window_s,
            "r": round(self.r, 4),
            "chance": chance,
            "shifts": self.shifts,
            "moments": round(self.moments, 1),
        }


@dataclass(frozen=True, slots=True)
class FilmRow:
    """One predictor, by axis: a Match for every window that fits the film."""

    name: str
    matches: Mapping[Feelings, tuple[Match, ...]]
    source: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        found = {str(axis): [match.to_json() for match in matches] for axis, matches in self.matches.items()}
        return {"name": self.name, **found, **({"source": self.source} if self.source else {})}


@dataclass(frozen=True, slots=True)
class FilmEvaluated:
    """An analyser's agreement with a rated film, beside that of the published formulas. ratings: how many."""

    analyser: FilmRow
    formulas: tuple[FilmRow, ...]
    ratings: int
    rated_s: float
    seed: int

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "schema": "cuesmith.film_evaluated/1",
            "analyser": self.analyser.to_json(),
            "formulas": [row.to_json() for row in self.formulas],
            "ratings": self.ratings,
            "rated_s": round(self.rated_s, 3),
            "most_shifts": PERMUTATIONS,
            "seed": self.seed,
        }


def evaluate_film(
    film: Path,
    rated: RatedFilm,
    analyser: Analyser,
    *,
    seed: int = 0,
    settings: Settings | None = None,
    advance: Callable[[float], None] = lambda share: None,
) -> FilmEvaluated:
    """Analyse a film and compare its curve with its ratings over the time that both cover.

    advance: told 0..1 how far the analysis is.
    Raises InputError leaves for a film that cannot be used or that the ratings hardly cover.
    """
    settings = settings or Settings()
    looked_at = probe(film, settings)
    if looked_at.longest_s:
        _grid(rated, looked_at.longest_s)  # refused now rather than after the work
    reader = FilmReader(looked_at, settings, analyser.wants)
    colours = _StillColours()
    items = colours.watch(_told(reader, looked_at.longest_s, advance))
    analysis = analyse(items, duration_s=lambda: reader.picture_end.end_s, analyser=analyser)
    grid_s = _grid(rated, analysis.duration_s)

    def compare(times_s: Curve, values: Curve, axis: Feelings) -> tuple[Match, ...]:
        said = np.interp(grid_s, rated.times_s, rated.of(axis))
        return match(np.interp(grid_s, times_s, values), said, seed)

    curve = analysis.curve
    felt = {"valence": curve.valence, "arousal": curve.arousal}
    own = FilmRow(analyser.name, {axis: compare(curve.times_s, felt[axis], axis) for axis in AXES})
    formulas = tuple(
        FilmRow(
            formula.name,
            {axis: compare(colours.times_s, colours.read(formula.read), axis) for axis in formula.axes},
            formula.source,
        )
        for formula in FORMULAS
    )
    return FilmEvaluated(own, formulas, len(rated.times_s), float(grid_s[-1] - grid_s[0]), seed)


def match(scores: Curve, ratings: Curve, seed: int) -> tuple[Match, ...]:
    """Both [N] at CURVE_RATE_HZ, compared at each of WINDOWS_S that fits LEAST_WINDOWS times."""
    found = []
    for window_s in WINDOWS_S:
        window = round(window_s * CURVE_RATE_HZ)
        if len(scores) < LEAST_WINDOWS * window:
            continue
        ours, theirs = smoothed(scores, window), smoothed(ratings, window)
        chance = shift_null(ours, theirs, window, np.random.default_rng(seed))
        limit = float(np.percentile(chance, CHANCE_PERCENT)) if len(chance) else None
        found.append(Match(window_s, pearson(ours, theirs), limit, len(chance), len(scores) / window))
    return tuple(found)


def smoothed(values: Curve, window: int) -> Curve:
    """[N] the mean over `window` samples around each, over fewer at the ends."""
    kernel = np.ones(min(window, len(values)))
    return np.asarray(
        np.convolve(values, kernel, "same") / np.convolve(np.ones(len(values)), kernel, "same"), np.float64
    )


class _StillColours:
    """Measures the colours of stills on their way to the analyser."""

    def __init__(self) -> None:
        self._times_s: list[float] = []
        self._seen: list[dict[str, float]] = []

    def watch(self, items: Iterable[MediaItem]) -> Iterator[MediaItem]:
        for item in items:
            if isinstance(item, Still):
                self._times_s.append(item.time_s)
                self._seen.append(measure(item.rgb))
            yield item

    @property
    def times_s(self) -> Curve:
        return np.array(self._times_s)

    def read(self, formula: Callable[[Mapping[str, float]], float]) -> Curve:
        return np.array([formula(colours) for colours in self._seen])


def _told(items: Iterable[MediaItem], film_s: float, advance: Callable[[float], None]) -> Iterator[MediaItem]:
    for item in items:
        if isinstance(item, Frame) and film_s:
            advance(min(1.0, item.time_s / film_s))
        yield item


def _grid(rated: RatedFilm, duration_s: float) -> Curve:
    """Times at CURVE_RATE_HZ that the ratings and the film both cover. Raises InputError when those are too few."""
    first_s, last_s = float(rated.times_s[0]), min(float(rated.times_s[-1]), duration_s)
    shortest_s = LEAST_WINDOWS * WINDOWS_S[0]
    if last_s - first_s < shortest_s:
        raise InputError(
            f"the ratings cover {max(0.0, last_s - first_s):.1f} s of the film's {duration_s:.1f} s",
            f"Give ratings over {shortest_s:g} s at least, their time_s in seconds of this film",
        )
    return first_s + np.arange(int((last_s - first_s) * CURVE_RATE_HZ) + 1) / CURVE_RATE_HZ
