"""Finds dissolves: one shot blended into the next.

While a dissolve runs, every picture is (1 − α) of the shot that goes and α of the shot that comes, α rising evenly from
0 to 1: on coarse pictures a straight line, and nothing rises before or after. Detail that the two do not share loses
half its energy on the way. A camera that moves bends the line, keeps its detail and does not stop at either end; a lamp
or an exposure leaves the picture built as it was; a car that passes changes a few cells only. The straight line and the
dip of the variance are those of Alattar 1993 (ICASSP) and Lienhart 1999 (SPIE 3656).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.analysis import Curve, Cut
from vision.pictures import COARSE_CELLS, PictureTrack

Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]

# Design choices, set on the first half of the clips of benchmarks/gradual.py, not on the second.
SHORTEST_S, LONGEST_S = 0.2, 4.0
LADDER = 1.25  # factor from one length that is tried to the next
SPARSE = 10  # starts are tried this many to a length, then refined
MARGIN = 0.25  # of the length, before and after it, in which nothing may rise
LEAST_MARGIN_S = 0.12
INSIDE = np.linspace(0.0, 1.0, 9)
LEAST_STEP = 7.0  # steps: root mean square over the cells by which the shots either side of a dissolve differ
MOST_BENT = 0.2  # root mean square distance from the straight line, as a share of its length
MOST_ALIKE = 0.85  # correlation: more alike than this, the two ends are one shot under another light
MOST_DETAIL = 0.75  # energy of detail in the middle, as a share of the ends' mean; half where they share nothing
MOST_DIP, LEAST_DIP = 0.9, 0.5  # the least detail on the way: below the poorer end, not far below what a blend leaves
POORER = 0.15  # of the richer end's detail; where one end has less than this, its blend has no dip to see
LEAST_BREADTH = 0.2  # share of the cells that change, by their participation ratio: a car that passes changes few
CHUNK = 256  # lines examined at once: bounds the memory
FULL_STRENGTH_STEP = 40.0  # steps: a change this large has strength 1 − 1/e


@dataclass(frozen=True, slots=True)
class _Lines:
    """Straight lines tried on the film, each [C]: when they begin, how long they last, how well they hold."""

    starts_s: Curve
    lengths_s: Curve
    bent: Curve
    holds: Flags
    step: Curve


def find_dissolves(track: PictureTrack, first: int, last: int, busy: Sequence[tuple[float, float]]) -> list[Cut]:
    """Dissolves from picture `first` to `last`, between which there is no hard cut, the straightest lines first.

    busy: (start_s, end_s) of what is known to be something else; dissolves overlap neither it nor each other.
    """
    taken = list(busy)
    found: list[Cut] = []
    for start_s, length_s in _candidates(track, first, last):
        if any(start_s < end and start_s + length_s > begin for begin, end in taken):
            continue
        lines = _refine(track, first, last, start_s, length_s)
        best = int(np.argmin(np.where(lines.holds, lines.bent, np.inf)))
        begin_s = float(lines.starts_s[best])
        end_s = begin_s + float(lines.lengths_s[best])
        if not lines.holds[best] or any(begin_s < b and end_s > a for a, b in taken):
            continue
        taken.append((begin_s, end_s))
        found.append(Cut((begin_s + end_s) / 2, "dissolve", _strength(float(lines.step[best])), begin_s, end_s))
    return found


def _candidates(track: PictureTrack, first: int, last: int) -> list[tuple[float, float]]:
    """(start_s, length_s) of the lines that hold on a sparse grid, the straightest first."""
    whole_s = float(track.times_s[last] - track.times_s[first])
    found: list[tuple[float, float, float]] = []
    length_s = SHORTEST_S
    while length_s <= min(LONGEST_S, whole_s):
        hop_s = length_s / SPARSE
        grid = np.arange(float(track.times_s[first]), float(track.times_s[last]) - length_s + 1e-6, hop_s)
        for at in range(0, len(grid), CHUNK):
            starts_s = grid[at : at + CHUNK]
            lines = _examine(track, first, last, starts_s, np.full(len(starts_s), length_s))
            found += [(float(lines.bent[k]), float(starts_s[k]), length_s) for k in np.flatnonzero(lines.holds)]
        length_s *= LADDER
    return [(start_s, length_s) for _, start_s, length_s in sorted(found)]


def _refine(track: PictureTrack, first: int, last: int, start_s: float, length_s: float) -> _Lines:
    """The lines beside a candidate, itself among them, closer together than those tried first."""
    shifts = np.linspace(-1.5, 1.5, 9) * length_s / SPARSE
    begins, ends = np.meshgrid(start_s + shifts, start_s + length_s + shifts, indexing="ij")
    return _examine(track, first, last, begins.ravel(), np.maximum(ends - begins, SHORTEST_S / 2).ravel())


def _examine(track: PictureTrack, first: int, last: int, starts_s: Curve, lengths_s: Curve) -> _Lines:
    """How well each line holds; times outside the stretch count as its first or last picture."""
    margins = np.maximum(MARGIN, LEAST_MARGIN_S / lengths_s)[:, None] * np.array([-1.0, -0.5, 0.5, 1.0])
    places = np.concatenate([margins[:, :2], np.broadcast_to(INSIDE, (len(starts_s), len(INSIDE))), margins[:, 2:]], 1)
    places[:, -2:] += 1.0
    wanted_s = starts_s[:, None] + places * lengths_s[:, None]
    index = np.clip(_nearest(track.times_s, wanted_s), first, last)
    shares = np.clip((track.times_s[index] - starts_s[:, None]) / lengths_s[:, None], 0.0, 1.0)
    begin, end = 2, len(INSIDE) + 1  # the places at which it begins and ends
    cells = track.coarse[index].astype(np.float32)
    going, coming = cells[:, : begin + 1].mean(axis=1), cells[:, end:].mean(axis=1)
    way = coming - going
    energy = np.maximum(np.einsum("cx,cx->c", way, way), 1e-6)
    cells -= going[:, None]
    along = np.einsum("ckx,cx->ck", cells, way)
    distance = np.einsum("ckx,ckx->ck", cells, cells) - 2 * shares * along + shares**2 * energy[:, None]
    bent = np.sqrt(np.maximum(distance, 0.0).mean(axis=1) / energy)
    step = np.sqrt(energy / COARSE_CELLS)
    holds = (bent <= MOST_BENT) & (step >= LEAST_STEP) & _dips(track.detail[index].astype(np.float64) ** 2, begin, end)
    holds &= _correlation(going, coming) < MOST_ALIKE
    holds &= _breadth(way) >= LEAST_BREADTH
    return _Lines(starts_s, lengths_s, bent, holds, step)


def _dips(detail: Curve, begin: int, end: int) -> Flags:
    """[C] whether detail (energy, [C, places]) goes down and up as (1 − α)²·before + α²·after does.

    That is half of the ends' mean in the middle, and before · after / (before + after), less than either end, at its
    lowest. Grain, which no blend takes away, raises it.
    """
    before, after = detail[:, : begin + 1].mean(axis=1), detail[:, end:].mean(axis=1)
    poorer, richer = np.minimum(before, after), np.maximum(before, after)
    middle = detail[:, begin + 3 : end - 2].mean(axis=1)
    lowest = (detail[:, begin : end - 1] + detail[:, begin + 1 : end] + detail[:, begin + 2 : end + 1]).min(axis=1) / 3
    blended = before * after / np.maximum(before + after, 1e-6)
    below = (lowest <= MOST_DIP * poorer) | (poorer <= POORER * richer)
    remains = 2 * middle / np.maximum(before + after, 1e-6)
    return np.asarray(below & (remains <= MOST_DETAIL) & (lowest >= LEAST_DIP * blended))


def _nearest(times_s: Curve, at_s: Curve) -> Indices:
    right = np.clip(np.searchsorted(times_s, at_s), 1, len(times_s) - 1)
    return np.where(at_s - times_s[right - 1] <= times_s[right] - at_s, right - 1, right)


def _breadth(way: NDArray[np.float32]) -> Curve:
    """[C] 0..1, participation ratio of the luma change [C, COARSE_CELLS]: 1 where every cell changes alike."""
    luma = COARSE_CELLS // 3
    squares = way[:, :luma].astype(np.float64) ** 2
    return np.asarray(squares.sum(axis=1) ** 2 / np.maximum(luma * (squares**2).sum(axis=1), 1e-6), np.float64)


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> Curve:
    """[C] of the coarse luma of pictures [C, COARSE_CELLS]."""
    luma = COARSE_CELLS // 3
    a, b = (x[:, :luma] - x[:, :luma].mean(axis=1, keepdims=True) for x in (one, other))
    norms = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    return np.asarray((a * b).sum(axis=1) / np.maximum(norms, 1e-6), np.float64)


def _strength(step: float) -> float:
    return float(1.0 - np.exp(-step / FULL_STRENGTH_STEP))
