"""Finds fades: to a plain field, mostly black or white, out of one, or through one.

While a fade runs, the contrast of the coarse picture rises evenly from a plain field or falls evenly to it, and what is
left of the picture is the same picture, fainter. A wall that comes into view, or something large that passes the lens,
covers the picture piece by piece instead. Even rises of the variance as the mark of a fade: Lienhart 1999 (SPIE 3656,
"Comparison of automatic shot boundary detection algorithms").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scoring.analysis import Curve, Cut
from vision.pictures import PictureTrack

Indices = NDArray[np.intp]

# Design choices, set on the first half of the clips of benchmarks/gradual.py, not on the second.
LONGEST_S = 4.0  # of one side
FLAT = 2.5  # steps: a coarse picture that varies less is a plain field
PLAIN_SPREAD = 0.5  # steps: a fade begins or ends where its plain field is this near its plainest
VALLEY_DEPTH, VALLEY_REACH_S = 0.25, 0.5  # share of the contrast of both sides that may be left in the middle of a fade
LEAST_CONTRAST = 7.0  # steps: of the picture that a fade comes from or goes to
SHORTEST_FADE_S = 0.07  # of one side; a fade out and in is twice that
MOST_UNEVEN = 0.12  # root mean square distance of the contrast from an even rise, as a share of it
MOST_REBUILT = 0.4  # share of the change halfway through a fade that growing fainter does not explain
OVERSHOOT = 1.5  # times its length, up to which the contrast is followed to see that the rise is over
LONGEST_BLANK_S = 2.0  # a fade out and the next fade in are one while the plain field lasts no longer
MOST_LEFT = 0.95  # share of the picture that may be left halfway to the plain field
BEFORE_S = 0.5  # halfway, the picture is compared with itself this much nearer to the full one
FULL_STRENGTH_STEP = 40.0  # steps: a change this large has strength 1 − 1/e


@dataclass(frozen=True, slots=True)
class _Leg:
    """A fade in (rises) or out, start_s to end_s; step: how much of the picture came or went."""

    start_s: float
    end_s: float
    rises: bool
    step: float


def find_fades(track: PictureTrack, first: int, last: int) -> list[Cut]:
    """Fades from picture `first` to `last`, between which there is no hard cut, in time order and without overlap.

    A fade out and the fade in that follows within LONGEST_BLANK_S are one; gradual.py says what its time_s is.
    """
    here = slice(first, last + 1)
    shown = np.sqrt(np.maximum(track.contrast[here] ** 2 - track.detail[here] ** 2, 0.0)).astype(np.float64)
    times_s = track.times_s[here]
    legs: list[_Leg] = []
    for begin, end in _valleys(shown, times_s):
        out = _leg(track, first, shown, times_s, begin, -1)
        into = _leg(track, first, shown, times_s, end, 1)
        # A valley that is no plain field is the bottom of a fade only if it is one from both sides.
        if shown[begin] <= FLAT or (out is not None and into is not None):
            legs += [leg for leg in (out, into) if leg is not None]
    return _joined(_clear(legs), opens=first == 0 and bool(shown[0] <= FLAT))


def _valleys(shown: Curve, times_s: Curve) -> list[tuple[int, int]]:
    """First and last picture of every plain field, and of what fades that turn too fast to reach one leave over."""
    valleys = []
    for begin, end in _runs(shown <= FLAT):
        plainest = begin + np.flatnonzero(shown[begin : end + 1] <= shown[begin : end + 1].min() + PLAIN_SPREAD)
        valleys.append((int(plainest[0]), int(plainest[-1])))
    lowest = np.flatnonzero((shown[1:-1] > FLAT) & (shown[1:-1] <= shown[:-2]) & (shown[1:-1] <= shown[2:])) + 1
    for k in lowest.tolist():
        low, high = np.searchsorted(times_s, [times_s[k] - VALLEY_REACH_S, times_s[k] + VALLEY_REACH_S]).tolist()
        if shown[k] <= VALLEY_DEPTH * min(shown[low : k + 1].max(), shown[k:high].max()):
            valleys.append((k, k))
    return sorted(valleys)


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last index of every unbroken run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _leg(track: PictureTrack, first: int, shown: Curve, times_s: Curve, edge: int, way: int) -> _Leg | None:
    """The even rise of contrast away from the plain field at picture `edge`: way 1 forwards, −1 backwards."""
    reach = np.arange(edge, len(shown) if way > 0 else -1, way)
    away_s = np.abs(times_s[reach] - times_s[edge])
    reach = reach[away_s <= LONGEST_S * OVERSHOOT]
    away_s, level = away_s[: len(reach)], shown[reach]
    if level.max() < LEAST_CONTRAST:
        return None
    best = (MOST_UNEVEN, 0, 0.0)
    for top in range(2, int(np.searchsorted(away_s, LONGEST_S, side="right"))):
        if away_s[top] < SHORTEST_FADE_S:
            continue
        beyond = max(top + 5, int(np.searchsorted(away_s, OVERSHOOT * away_s[top])))
        plateau = float(np.mean(level[top : beyond + 1]))
        if plateau < LEAST_CONTRAST:
            continue
        model = level[0] + (plateau - level[0]) * np.minimum(away_s[: beyond + 1] / away_s[top], 1.0)
        uneven = float(np.sqrt(np.mean((level[: beyond + 1] - model) ** 2))) / plateau
        if uneven < best[0]:
            best = (uneven, top, plateau)
    _, top, plateau = best
    if not top or not _is_fainter(track, first + reach[: top + 1], away_s[: top + 1]):
        return None
    near_s, far_s = float(times_s[edge]), float(times_s[reach[top]])
    return _Leg(min(near_s, far_s), max(near_s, far_s), way > 0, plateau)


def _is_fainter(track: PictureTrack, path: Indices, away_s: Curve) -> bool:
    """Whether halfway to the plain field (path[0]) the picture is what it was a little before, only fainter."""
    middle = max(1, len(path) // 2)
    fuller = int(np.searchsorted(away_s, min(float(away_s[middle]) + BEFORE_S, float(away_s[-1]))))
    if fuller <= middle:
        return False
    blank, faint, full = track.coarse[path[[0, middle, fuller]]].astype(np.float64)
    whole = full - blank
    energy = float(whole @ whole)
    if energy == 0.0:
        return False
    share = float((faint - blank) @ whole) / energy
    left = float(np.linalg.norm(faint - blank - share * whole))
    return share < MOST_LEFT and left <= MOST_REBUILT * (1.0 - share) * energy**0.5


def _clear(legs: Sequence[_Leg]) -> list[_Leg]:
    """The legs without overlap: where a picture fades in and at once out again, both claim its middle."""
    kept: list[_Leg] = []
    for leg in legs:
        start_s = max(leg.start_s, kept[-1].end_s) if kept else leg.start_s
        if leg.end_s - start_s >= SHORTEST_FADE_S:
            kept.append(replace(leg, start_s=start_s))
    return kept


def _joined(legs: Sequence[_Leg], *, opens: bool) -> list[Cut]:
    """A fade for every leg, or for two. opens: whether the film begins with the plain field before the first leg."""
    fades: list[Cut] = []
    before: _Leg | None = None
    for leg in legs:
        if leg.rises and before is not None and not before.rises and leg.start_s - before.end_s <= LONGEST_BLANK_S:
            blank_s, step = (before.end_s + leg.start_s) / 2, max(before.step, leg.step)
            fades[-1] = Cut(blank_s, "fade", _strength(step), before.start_s, leg.end_s)
        else:
            is_over = not leg.rises or (opens and before is None)
            time_s = leg.end_s if is_over else leg.start_s
            fades.append(Cut(time_s, "fade", _strength(leg.step), leg.start_s, leg.end_s))
        before = leg
    return fades


def _strength(step: float) -> float:
    return float(1.0 - np.exp(-step / FULL_STRENGTH_STEP))
