"""Which name leads, and from when to when: moods and places as stretches long enough to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scoring.analysis import Curve, Shots

# Design choices. Nobody reads a mood that leads for less; and of a long film one wants chapters, not moments.
SHORTEST_S = 2.0
MOST = 40
_CHANGE = 0.1  # what a change must win, as a share of the shortest stretch led for certain: no change for a tie
_BINS = 480  # a film is first looked at in no more pieces than this, so that two hours cost no more than four minutes


@dataclass(frozen=True, slots=True)
class Stretch:
    """A half-open stretch, [start_s, end_s) seconds, in which one name leads. share: its mean probability, 0..1."""

    name: str
    start_s: float
    end_s: float
    share: float

    @property
    def length_s(self) -> float:
        """Length in seconds, above zero."""
        return self.end_s - self.start_s


def leading(
    times_s: Curve,
    probabilities: Curve,
    names: Sequence[str],
    shots: Shots,
    shortest_s: float = SHORTEST_S,
) -> tuple[Stretch, ...]:
    """The leading name over time, in stretches that cover the film and begin with a shot where they can.

    times_s: [T] rising. probabilities: [T, N]. None is shorter than shortest_s, or than a MOST-th of the film, unless
    the film is; of all such namings it is the one that is likeliest in the sum over time, a
    change being worth a little.
    """
    if len(times_s) == 0 or len(names) == 0 or probabilities.shape != (len(times_s), len(names)):
        return ()
    edges_s, weights = _binned(times_s, probabilities, shots)
    runs = _likeliest(edges_s, weights, max(shortest_s, shots.duration_s / MOST))
    lengths_s = np.diff(edges_s)
    return tuple(
        Stretch(
            names[name],
            float(edges_s[start]),
            float(edges_s[end]),
            float(weights[start:end, name].sum() / lengths_s[start:end].sum()),
        )
        for start, end, name in runs
    )


def _binned(times_s: Curve, probabilities: Curve, shots: Shots) -> tuple[Curve, Curve]:
    """Bin edges [B + 1], seconds, over the whole film, and what each bin holds: probability times seconds, [B, N]."""
    inside = times_s < shots.duration_s
    inside[0] = True
    edges_s = np.concatenate(([0.0], times_s[inside][1:], [shots.duration_s]))
    _move_to_cuts(edges_s, shots)
    lengths_s = np.diff(edges_s)
    weights = probabilities[inside] * lengths_s[:, None]
    step = -(-len(lengths_s) // _BINS)
    firsts = np.arange(0, len(lengths_s), step)
    return np.append(edges_s[firsts], shots.duration_s), np.add.reduceat(weights, firsts, axis=0)


def _move_to_cuts(edges_s: Curve, shots: Shots) -> None:
    """Put an edge on the cut that lies between it and the one before: what is new at it was new there."""
    for cut in shots.cuts:
        after = int(np.searchsorted(edges_s, cut.time_s, side="left"))
        if 0 < after < len(edges_s) - 1 and edges_s[after - 1] < cut.time_s:
            edges_s[after] = cut.time_s


def _likeliest(edges_s: Curve, weights: Curve, shortest_s: float) -> list[tuple[int, int, int]]:
    """The runs (first bin, bin after the last, name) with the greatest sum of weights of which none is too short.

    By dynamic programming over where a run ends: exact, and at 480 bins a few hundredths of a second.
    """
    count = len(weights)
    before = np.vstack((np.zeros(weights.shape[1]), np.cumsum(weights, axis=0)))  # [B + 1, N] sums up to each edge
    best = np.full(count + 1, -np.inf)
    best[0] = 0.0
    came_from = np.zeros((count + 1, 2), np.intp)  # where the run that ends here began, and its name
    for end in range(1, count + 1):
        far = int(np.searchsorted(edges_s, edges_s[end] - shortest_s + 1e-9, side="right"))
        sums = best[: max(far, 1), None] + before[end] - before[: max(far, 1)] - _CHANGE * shortest_s
        start, name = divmod(int(sums.argmax()), sums.shape[1])
        if far > 0 or end == count:
            best[end], came_from[end] = sums[start, name], (start, name)
    runs: list[tuple[int, int, int]] = []
    end = count
    while end > 0:
        start, name = (int(i) for i in came_from[end])
        if runs and runs[-1][2] == name:
            runs[-1] = (start, runs[-1][1], name)
        else:
            runs.append((start, end, name))
        end = start
    return runs[::-1]
