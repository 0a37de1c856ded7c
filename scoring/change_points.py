"""Where one cue ends and the next begins: optimal partitioning of the film's feeling, at its cuts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from scoring.analysis import Curve, CutKind, Shots
from scoring.cue_sheet import MINIMUM_CUE_S
from scoring.feeling import RATE_HZ, Feeling
from scoring.timebase import FrameRate, TimeRange

# Design choice: longer and a cue's one tempo and mode wear out; and its stems would take too much memory.
MAXIMUM_CUE_S = 90.0
SNAP_S = 3.0  # a boundary with a cut this near lies on a cut
FREE_GRID_S = 1.0  # where no cut is near, boundaries may lie this far apart

# What a boundary costs, in seconds × squared standard deviations of the feeling. Splitting a stretch into two halves
# of L seconds that differ by d gains L·d²/2: at 30 a clear change (d = 2 over the three) is worth a boundary when
# either side lasts 15 s. Noise that wanders with a time constant of a few seconds gains about 15 in three dimensions.
BOUNDARY_COST = 30.0  # design choice, set on synthetic films
# A film that hardly changes is not cut up for its noise: below this standard deviation it is not scaled up further.
SMALLEST_SPREAD = 0.25
# Factors of BOUNDARY_COST: from a weak cut to a strong one, and for a boundary inside a shot.
WEAK_CUT, STRONG_CUT, NO_CUT = 1.25, 0.7, 1.75
# A fade or a dissolve is an editor's chapter mark, however small the step in the picture.
LEAST_STRENGTH: dict[CutKind, float] = {"cut": 0.0, "dissolve": 0.6, "fade": 1.0}


def find_cue_ranges(feeling: Feeling, shots: Shots, frame_rate: FrameRate, duration_s: float) -> list[TimeRange]:
    """Split the film into cues that cover it: [0, a), [a, b), … [z, duration_s).

    Penalised least squares, solved exactly (Jackson et al. 2005, optimal partitioning): the sum of squared
    deviations of valence, arousal and tension from each cue's mean, plus a cost for every boundary that is lower at
    stronger cuts. Cues last MINIMUM_CUE_S to MAXIMUM_CUE_S; a film too short to be split is one cue. Boundaries lie
    on frames. Time and memory grow with the film's length only: a cue's start is searched in a window.
    """
    times_s, costs = _candidates(shots, frame_rate, duration_s)
    edges_s = _partition(times_s, costs, *_integrals(feeling, times_s))
    return [TimeRange(a, b) for a, b in pairwise(edges_s)]


def _candidates(shots: Shots, frame_rate: FrameRate, duration_s: float) -> tuple[Curve, Curve]:
    """Times where a boundary may lie, rising, the film's ends included; what a boundary costs at each. Two [C]."""
    costs: dict[float, float] = {}
    for cut in shots.cuts:
        time_s = nearest_frame_s(cut.time_s, frame_rate)
        strength = max(cut.strength, LEAST_STRENGTH[cut.kind])
        cost = BOUNDARY_COST * (WEAK_CUT + (STRONG_CUT - WEAK_CUT) * strength)
        costs[time_s] = min(cost, costs.get(time_s, np.inf))
    costs = _strongest_in_each_sample(costs)
    cut_times_s = np.sort(np.array([-np.inf, *costs, np.inf]))
    grid_s = np.arange(FREE_GRID_S, duration_s, FREE_GRID_S)
    after = np.searchsorted(cut_times_s, grid_s)
    is_free = np.minimum(grid_s - cut_times_s[after - 1], cut_times_s[after] - grid_s) > SNAP_S
    costs |= {nearest_frame_s(t, frame_rate): BOUNDARY_COST * NO_CUT for t in grid_s[is_free].tolist()}
    inner = sorted(t for t in costs if 0.0 < t < duration_s)
    return np.array([0.0, *inner, duration_s]), np.array([0.0, *(costs[t] for t in inner), 0.0])


def _strongest_in_each_sample(costs: dict[float, float]) -> dict[float, float]:
    """At most one cut per sample of the feeling, so that a flicker of cuts does not slow the search."""
    cheapest: dict[int, float] = {}
    for time_s, cost in costs.items():
        sample = int(time_s * RATE_HZ)
        if sample not in cheapest or cost < costs[cheapest[sample]]:
            cheapest[sample] = time_s
    return {time_s: costs[time_s] for time_s in cheapest.values()}


def _integrals(feeling: Feeling, times_s: Curve) -> tuple[Curve, Curve]:
    """∫x dt [C, 3] and ∫|x|² dt [C] up to each candidate, x the feeling in standard deviations."""
    x = feeling.stacked()
    x = (x - x.mean(axis=0)) / np.maximum(x.std(axis=0), SMALLEST_SPREAD)
    values = np.column_stack([x, (x**2).sum(axis=1)])  # [N, 4]
    sums = np.concatenate([np.zeros((1, 4)), np.cumsum(values, axis=0) / RATE_HZ])
    edges_s = np.arange(len(sums)) / RATE_HZ
    at = np.column_stack([np.interp(times_s, edges_s, column) for column in sums.T])
    return at[:, :3], at[:, 3]


def _partition(times_s: Curve, costs: Curve, first: Curve, second: Curve) -> list[float]:
    """The cheapest legal edges, ends included."""
    count = len(times_s)
    best = np.full(count, np.inf)
    best[0] = 0.0
    previous: NDArray[np.intp] = np.zeros(count, np.intp)
    rounding_s = 1e-9
    earliest = np.searchsorted(times_s, times_s - MAXIMUM_CUE_S - rounding_s)
    latest = np.searchsorted(times_s, times_s - MINIMUM_CUE_S + rounding_s, side="right")
    for end in range(1, count):
        window = slice(earliest[end], latest[end])
        lengths_s = times_s[end] - times_s[window]
        if not len(lengths_s):
            continue
        deviation = second[end] - second[window] - ((first[end] - first[window]) ** 2).sum(axis=1) / lengths_s
        totals = best[window] + deviation + costs[end]
        choice = int(totals.argmin())
        best[end], previous[end] = totals[choice], window.start + choice
    edges = [count - 1]
    while edges[-1]:
        edges.append(int(previous[edges[-1]]))
    return [float(times_s[edge]) for edge in reversed(edges)]


def nearest_frame_s(time_s: float, frame_rate: FrameRate) -> float:
    """When the frame whose start is nearest begins, to the microsecond, as cue sheets hold it."""
    return round(frame_rate.time_of(frame_rate.frame_at(time_s + frame_rate.frame_s / 2)), 6)
