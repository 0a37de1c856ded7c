"""Which name leads, and from when to when: moods and places as stretches long enough to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scoring.analysis import Curve

# Design choices. Nobody reads a mood that leads for less; and of a long film one wants chapters, not moments.
SHORTEST_S = 2.0
MOST = 40
_BINS = 480  # a film is first looked at in no more pieces than this, so that joining them costs nothing


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
    times_s: Curve, probabilities: Curve, names: Sequence[str], duration_s: float, shortest_s: float = SHORTEST_S
) -> tuple[Stretch, ...]:
    """The leading name over time, in stretches that cover the film.

    times_s: [T] rising. probabilities: [T, N]. None is shorter than shortest_s, or than a MOST-th of the film, unless
    the film is: the shortest joins the neighbour whose name is likelier in it, until all are long enough.
    """
    if len(times_s) == 0 or len(names) == 0 or probabilities.shape != (len(times_s), len(names)):
        return ()
    edges_s, weights = _binned(times_s, probabilities, duration_s)
    led = weights.argmax(axis=1)
    starts = [0, *(np.flatnonzero(np.diff(led)) + 1)]
    runs = [(int(start), int(led[start])) for start in starts]  # first bin, name
    _join_short(runs, edges_s, weights, max(shortest_s, duration_s / MOST))
    ends = [start for start, _ in runs[1:]] + [len(led)]
    lengths_s = np.diff(edges_s)
    return tuple(
        Stretch(
            names[name],
            float(edges_s[start]),
            float(edges_s[end]),
            float(weights[start:end, name].sum() / lengths_s[start:end].sum()),
        )
        for (start, name), end in zip(runs, ends, strict=True)
    )


def _binned(times_s: Curve, probabilities: Curve, duration_s: float) -> tuple[Curve, Curve]:
    """Bin edges [B + 1], seconds, over the whole film, and what each bin holds: probability times seconds, [B, N]."""
    inside = times_s < duration_s
    inside[0] = True
    edges_s = np.concatenate(([0.0], times_s[inside][1:], [duration_s]))
    lengths_s = np.diff(edges_s)
    weights = probabilities[inside] * lengths_s[:, None]
    step = -(-len(lengths_s) // _BINS)
    firsts = np.arange(0, len(lengths_s), step)
    return np.append(edges_s[firsts], duration_s), np.add.reduceat(weights, firsts, axis=0)


def _join_short(runs: list[tuple[int, int]], edges_s: Curve, weights: Curve, shortest_s: float) -> None:
    """Join runs in place until the shortest is long enough or one is left."""
    while len(runs) > 1:
        starts = [start for start, _ in runs] + [len(weights)]
        lengths_s = np.diff(edges_s[starts])
        index = int(lengths_s.argmin())
        if lengths_s[index] >= shortest_s - 1e-9:
            return
        start, end = starts[index], starts[index + 1]
        beside = [i for i in (index - 1, index + 1) if 0 <= i < len(runs)]
        into = max(beside, key=lambda i: weights[start:end, runs[i][1]].sum())
        runs[index] = (start, runs[into][1])
        _drop_repeats(runs)


def _drop_repeats(runs: list[tuple[int, int]]) -> None:
    kept = [run for i, run in enumerate(runs) if i == 0 or runs[i - 1][1] != run[1]]
    runs[:] = kept
