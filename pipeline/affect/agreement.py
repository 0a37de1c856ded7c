"""How well two rows of numbers agree, how sure that is, and what chance would give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scoring.analysis import Curve

RESAMPLES = 2000
PERMUTATIONS = 500
INTERVAL = (2.5, 97.5)  # percent
CHANCE_PERCENT = 95.0


@dataclass(frozen=True, slots=True)
class Agreement:
    """Pearson's r, its 95 % interval over themes (Efron's percentile bootstrap), and the 95th percentile by chance."""

    r: float
    low: float
    high: float
    chance: float

    def to_json(self) -> dict[str, Any]:
        """Plain values, four decimals."""
        return {name: round(getattr(self, name), 4) for name in ("r", "low", "high", "chance")}


def pearson(a: Curve, b: Curve) -> float:
    """Pearson's r; 0 where one of the two does not vary."""
    a, b = a - a.mean(), b - b.mean()
    spread = float(np.sqrt((a @ a) * (b @ b)))
    return float(np.clip(a @ b / spread, -1.0, 1.0)) if spread > 1e-12 * max(1, len(a)) else 0.0


def agree(scores: Curve, ratings: Curve, themes: Sequence[str], seed: int) -> Agreement:
    """How well scores [N] follow ratings [N]. Themes, not pictures, are what is drawn and what is shuffled: pictures of
    one theme say nearly the same, and counted singly would make the interval too narrow.
    """
    rng = np.random.default_rng(seed)
    low, high = np.percentile(_resampled(scores, ratings, themes, rng), INTERVAL)
    chance = float(np.percentile(_shuffled(scores, ratings, themes, rng), CHANCE_PERCENT))
    return Agreement(pearson(scores, ratings), float(low), float(high), chance)


def _resampled(a: Curve, b: Curve, themes: Sequence[str], rng: np.random.Generator) -> Curve:
    """[RESAMPLES] r of as many themes drawn with replacement, from each theme's sums."""
    _, of = np.unique(np.asarray(themes, dtype=object).astype(str), return_inverse=True)
    a, b = a - a.mean(), b - b.mean()
    terms = (np.ones(len(a)), a, b, a * a, b * b, a * b)
    sums = np.stack([np.bincount(of, weights=term) for term in terms], axis=1)  # [themes, 6]
    count = len(sums)
    drawn = rng.multinomial(count, np.full(count, 1.0 / count), size=RESAMPLES) @ sums
    n, total_a, total_b, aa, bb, ab = drawn.T
    spread = np.sqrt(np.maximum(aa - total_a**2 / n, 0.0) * np.maximum(bb - total_b**2 / n, 0.0))
    shared = ab - total_a * total_b / n
    found = np.divide(shared, spread, out=np.zeros(RESAMPLES), where=spread > 1e-12)
    return np.asarray(np.clip(found, -1.0, 1.0), np.float64)


def _shuffled(scores: Curve, ratings: Curve, themes: Sequence[str], rng: np.random.Generator) -> Curve:
    """[PERMUTATIONS] r when every theme gets the ratings of a theme drawn for it.

    They are taken in a circle where it has more pictures than the other, so that alike stay alike, as by chance.
    """
    _, of, sizes = np.unique(np.asarray(themes, dtype=object).astype(str), return_inverse=True, return_counts=True)
    by_theme = np.argsort(of, kind="stable")
    starts = np.cumsum(sizes) - sizes
    rank = np.arange(len(of)) - starts[of[by_theme]]  # which picture of its theme
    others = np.array([rng.permutation(len(sizes)) for _ in range(PERMUTATIONS)])[:, of[by_theme]]
    taken = ratings[by_theme[starts[others] + rank % sizes[others]]]  # [PERMUTATIONS, N]
    return np.array([pearson(scores[by_theme], row) for row in taken])


def shift_null(scores: Curve, ratings: Curve, shortest: int, rng: np.random.Generator) -> Curve:
    """r of scores [N] against ratings [N] turned round in a circle: PERMUTATIONS shifts, or all there are.

    shortest: no shift is by fewer samples than this, for neighbours are alike. Empty when no shift is left.
    """
    shifts = np.arange(shortest, len(scores) - shortest + 1)
    if len(shifts) > PERMUTATIONS:
        shifts = rng.choice(shifts, PERMUTATIONS, replace=False)
    return np.array([pearson(scores, np.roll(ratings, int(shift))) for shift in shifts])
