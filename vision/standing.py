"""Where a measured value stands: on its own scale, and within its film."""

from __future__ import annotations

import numpy as np

from scoring.analysis import Curve
from vision.relations import MAX_UNITS, MIN_SPREAD


def standing(own: Curve, film_share: float) -> Curve:
    """[T] within ±MAX_UNITS: where values stand on their own scale, mixed with where they stand within the film.

    own: [T] in units of their scale, 0 its middle. film_share: 0..1, how much the film's own range counts.
    """
    low, middle, high = np.percentile(own, [16, 50, 84])  # one standard deviation either side, if it were normal
    within = (own - middle) / max((high - low) / 2, MIN_SPREAD)
    return (1.0 - film_share) * _bound(own) + film_share * _bound(within)


def _bound(units: Curve) -> Curve:
    return np.asarray(np.clip(units, -MAX_UNITS, MAX_UNITS), np.float64)
