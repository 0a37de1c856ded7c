"""Long series as few points: what a picture this wide can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Thin:
    """A series at B points. times_s, mean, low, high: [B]; low and high are the extremes around each point."""

    times_s: Series
    mean: Series
    low: Series
    high: Series


def thin(times_s: Series, values: Series, most: int) -> Thin:
    """At most that many points, each the mean of as many neighbours, at their middle. times_s, values: [T], T ≥ 1."""
    if len(times_s) <= most:
        return Thin(times_s, values, values, values)
    firsts = np.linspace(0, len(times_s), most, endpoint=False).astype(np.intp)
    counts = np.diff(np.append(firsts, len(times_s)))
    return Thin(
        np.add.reduceat(times_s, firsts) / counts,
        np.add.reduceat(values, firsts) / counts,
        np.minimum.reduceat(values, firsts),
        np.maximum.reduceat(values, firsts),
    )


def held(times_s: Series, values: Series, duration_s: float) -> tuple[Series, Series]:
    """A series drawn from the film's first moment to its last: the first and the last value are held."""
    return (
        np.concatenate(([min(0.0, times_s[0])], times_s, [max(duration_s, times_s[-1])])),
        np.concatenate((values[:1], values, values[-1:])),
    )
