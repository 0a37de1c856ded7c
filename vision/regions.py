"""From a curve of evidence to regions: hysteresis, short gaps filled, short regions dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.timebase import TimeRange


@dataclass(frozen=True, slots=True)
class RegionRules:
    """When evidence is a region.

    enter: a region holds at least one value from here on. leave: and no value below here. early_s, late_s: how long
    before its cause evidence rises, and how long after it falls; both are taken off (negative: put on), but not where
    a region touches the evidence's first or last value: the film cuts it there, not silence. gap_s: shorter gaps are
    filled then. least_s: shorter regions are dropped last.
    """

    enter: float
    leave: float
    early_s: float
    late_s: float
    gap_s: float
    least_s: float


def find_regions(
    evidence: NDArray[np.floating], step_s: float, rules: RegionRules, length_s: float
) -> tuple[TimeRange, ...]:
    """Regions in order that do not overlap, within [0, length_s); value k of evidence covers [k, k + 1) steps."""
    first, last = _runs(evidence >= rules.leave)
    moved = [
        (
            max(0.0, a * step_s + rules.early_s) if a else 0.0,
            min(length_s, b * step_s - (rules.late_s if b < len(evidence) else 0.0)),
        )
        for a, b in zip(first, last, strict=True)
        if float(evidence[a:b].max()) >= rules.enter
    ]
    joined = _joined([(a, b) for a, b in moved if a < b], rules.gap_s)
    return tuple(TimeRange(a, b) for a, b in joined if b - a >= rules.least_s)


def _runs(holds: NDArray[np.bool_]) -> tuple[list[int], list[int]]:
    """Where each run of True begins, and the first index after it."""
    edges = np.diff(np.concatenate([[0], holds.astype(np.int8), [0]]))
    return np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist()


def _joined(ranges: Sequence[tuple[float, float]], gap_s: float) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for start_s, end_s in ranges:
        if joined and start_s - joined[-1][1] <= gap_s:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end_s))
        else:
            joined.append((start_s, end_s))
    return joined
