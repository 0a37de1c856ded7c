"""The moods: names with a place in valence, arousal and tension, read from data/moods.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Design choices. Tension runs over half the span of the other two and weighs as much per unit. At this softness a
# curve that stands on a mood gives it a probability of about one half, its neighbours the rest.
TENSION_WEIGHT = 1.0
SOFTNESS = 0.22


@dataclass(frozen=True, slots=True)
class Mood:
    """A mood. valence, arousal −1..1, tension 0..1. modes: names of scoring.key.MODES, the preferred first.

    handicap: added to its squared distance from a feeling.
    """

    name: str
    valence: float
    arousal: float
    tension: float
    modes: tuple[str, ...]
    handicap: float = 0.0


def _read() -> dict[str, Mood]:
    tables = tomllib.loads((resources.files("scoring") / "data" / "moods.toml").read_text(encoding="utf-8"))
    return {
        name: Mood(
            name=name,
            valence=table["valence"],
            arousal=table["arousal"],
            tension=table["tension"],
            modes=tuple(table["modes"]),
            handicap=table.get("handicap", 0.0),
        )
        for name, table in tables.items()
    }


MOODS = _read()
_PLACES = np.array([(m.valence, m.arousal, m.tension * TENSION_WEIGHT) for m in MOODS.values()])  # [M, 3]
_HANDICAPS = np.array([m.handicap for m in MOODS.values()])  # [M]


def mood_names() -> tuple[str, ...]:
    """The M names, in the order of the columns of mood_probabilities."""
    return tuple(MOODS)


def nearest_mood(valence: float, arousal: float, tension: float) -> Mood:
    """The mood that a feeling is closest to."""
    return tuple(MOODS.values())[int(_squared_distances([valence], [arousal], [tension])[0].argmin())]


def mood_probabilities(valence: ArrayLike, arousal: ArrayLike, tension: ArrayLike) -> NDArray[np.float64]:
    """How much of each mood is in a feeling: three [T] in, [T, M] out, rows sum to 1.

    Softmax of −d² / 2σ², d the distance to each mood and σ = SOFTNESS (design choice): equally wide Gaussians
    with equal priors.
    """
    scores = -_squared_distances(valence, arousal, tension) / (2 * SOFTNESS**2)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float64)


def _squared_distances(valence: ArrayLike, arousal: ArrayLike, tension: ArrayLike) -> NDArray[np.float64]:
    """[T, M], handicaps included."""
    tension = np.asarray(tension, np.float64) * TENSION_WEIGHT
    feelings = np.stack([np.asarray(valence, np.float64), np.asarray(arousal, np.float64), tension], axis=1)  # [T, 3]
    # One mood at a time, so that an hour of curve needs no [T, M, 3].
    distances = np.stack([((feelings - place) ** 2).sum(axis=1) for place in _PLACES], axis=1)
    return np.asarray(distances + _HANDICAPS, np.float64)
