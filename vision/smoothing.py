"""Gaussian smoothing of uneven samples that does not look past a cut."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from scoring.analysis import Curve

REACH_SIGMAS = 3.0  # the rest of the bell weighs 0.3 %


def smooth(
    times_s: Curve, values: Curve, weights: Curve, shots: Curve, at_s: Curve, at_shots: Curve, sigma_s: float
) -> Curve:
    """[T, F] the weighted mean of the samples around each moment that lie in the same shot.

    times_s: [S] rising. values: [S, F]. weights: [S] above 0, how much each sample says. shots: [S], at_shots: [T] shot
    numbers; give zeros for what may flow across cuts. at_s: [T]. A shot in which nothing was sampled borrows the sample
    nearest in time. Raises ValueError without samples.
    """
    if len(times_s) == 0:
        raise ValueError("nothing to smooth: there is no sample")
    first = np.searchsorted(times_s, at_s - REACH_SIGMAS * sigma_s)
    last = np.searchsorted(times_s, at_s + REACH_SIGMAS * sigma_s)
    total, weight = np.zeros((len(at_s), values.shape[1])), np.zeros(len(at_s))
    for step in range(int(np.max(last - first, initial=0))):
        sample = np.minimum(first + step, len(times_s) - 1)
        counts = (first + step < last) & (shots[sample] == at_shots)
        share = np.exp(-0.5 * ((times_s[sample] - at_s) / sigma_s) ** 2) * weights[sample] * counts
        total += share[:, None] * values[sample]
        weight += share
    lonely = weight <= math.ulp(1.0)
    total[lonely], weight[lonely] = values[_nearest(times_s, at_s[lonely])], 1.0
    return total / weight[:, None]


def _nearest(times_s: Curve, at_s: Curve) -> NDArray[np.intp]:
    right = np.clip(np.searchsorted(times_s, at_s), 0, len(times_s) - 1)
    left = np.maximum(right - 1, 0)
    return np.where(at_s - times_s[left] <= times_s[right] - at_s, left, right)
