"""Finds hard cuts in what was measured of every picture.

A cut is a change that stands out from the changes beside it (the adaptive ratio of PySceneDetect's AdaptiveDetector),
that leaves a differently built picture (correlation of coarse luma, blind to brightness, so that flashes, exposure and
fades do not count) and that is not undone within a few pictures (a flash). Dissolves and fades change slowly, so
nothing in them stands out; gradual.py finds them between the cuts.
"""

from __future__ import annotations

from bisect import bisect, insort

import numpy as np

from scoring.analysis import Curve, Cut
from vision.pictures import LAGS, PictureTrack, Scalars

# Design choices, round numbers rather than the best ones: halve any of them or raise it by half, and F1 over the films
# of docs/analysis.md stays between 0.95 and 0.99.
MIN_CHANGE = 4.0  # steps: dark scenes differ by little more
MIN_SHARE = 0.56  # of the contrast σ: half of 2σ/√π = 1.13σ, by which two unrelated pictures differ
MIN_RATIO = 3.0  # AdaptiveDetector's adaptive_threshold
MIN_RESHAPED = 0.2  # 1 − correlation: two pictures more alike than this are the same shot
CLEARLY_RESHAPED = 0.5  # enough to see a cut by, where a shaking camera or grain drowns the change itself
MIN_SURPLUS = 1.3  # how much larger than beside the change must be even then
FLAT_CONTRAST = 6.0  # steps: below this a coarse picture is a plain field, and its correlation means nothing
MAX_UNDONE = 0.4  # share of the change by which pictures either side of a flash may still differ
MAX_RAMP = 0.15  # share of the change that the pictures beside may change too, where one side is a plain field: a fade
MIN_SHOT_S = 0.2  # nothing shorter can be met by music
NEIGHBOURS = 2  # pictures either side of the change
NEIGHBOUR_REACH_S = 0.5  # in a slide show the next picture is not a neighbour in time
STILL_CHANGE = 1.0  # steps: coding noise of a still picture, so that the ratio needs no division by nothing
FULL_STRENGTH_CHANGE = 60.0  # steps: a change this large has strength 1 − 1/e


def find_cuts(track: PictureTrack, duration_s: float) -> tuple[Cut, ...]:
    """Hard cuts in time order, at least MIN_SHOT_S apart and from either end of the film; the stronger ones stay."""
    edges_s = [0.0, duration_s]
    kept: list[int] = []
    for index in sorted(_candidates(track), key=lambda index: -track.change[index]):
        time_s = float(track.times_s[index])
        place = bisect(edges_s, time_s)
        if place < len(edges_s) and min(time_s - edges_s[place - 1], edges_s[place] - time_s) >= MIN_SHOT_S:
            kept.append(index)
            insort(edges_s, time_s)
    return tuple(Cut(float(track.times_s[index]), "cut", _strength(track.change[index])) for index in sorted(kept))


def _strength(change: float) -> float:
    return float(1.0 - np.exp(-change / FULL_STRENGTH_CHANGE))


def _candidates(track: PictureTrack) -> list[int]:
    """Pictures that look like the first of a new shot."""
    before = np.roll(track.contrast, 1)  # the first picture has none before it and is never a candidate
    flat = np.minimum(track.contrast, before) < FLAT_CONTRAST
    large = track.change >= np.maximum(MIN_CHANGE, MIN_SHARE * np.maximum(track.contrast, before))
    changed_beside = _beside(track.times_s, track.change)
    usual = np.mean(changed_beside, axis=1) + STILL_CHANGE
    reshaped = 1.0 - track.structure
    reshaped_beside = np.max(_beside(track.times_s, reshaped), axis=1)
    clearly = ~flat & (reshaped >= np.maximum(CLEARLY_RESHAPED, MIN_RATIO * reshaped_beside))
    by_change = (track.change >= MIN_RATIO * usual) & (flat | (reshaped >= MIN_RESHAPED))
    by_shape = (track.change >= MIN_SURPLUS * usual) & clearly
    # The largest change beside is left out: a cut blended over two pictures has one, a fade has several.
    ramp = flat & (np.sort(changed_beside, axis=1)[:, -2] > MAX_RAMP * track.change)
    found = np.flatnonzero(large & (by_change | by_shape) & ~ramp)
    return [int(index) for index in found if index > 0 and not _is_undone(track, int(index))]


def _beside(times_s: Curve, values: Scalars) -> Curve:
    """[N, 2 * NEIGHBOURS] the values around each, without its own; 0 where there is no neighbour within reach."""
    count = len(times_s)
    beside = np.zeros((count, 2 * NEIGHBOURS))
    offsets = [offset for offset in range(-NEIGHBOURS, NEIGHBOURS + 1) if offset]
    for column, offset in enumerate(offsets):
        here = np.arange(max(0, -offset), min(count, count - offset))
        near = np.abs(times_s[here + offset] - times_s[here]) <= NEIGHBOUR_REACH_S
        beside[here, column] = np.where(near, values[here + offset], 0.0)
    return beside


def _is_undone(track: PictureTrack, index: int) -> bool:
    """Whether some picture from before is back soon after: what lay between was a flash, or this is its end."""
    for after in range(index, min(index + LAGS, len(track.lags))):
        alike = max(MIN_SHARE * track.contrast[after], MIN_CHANGE)
        # Column lag − 1 compares with picture after − lag, which must lie before the change.
        if np.any(track.lags[after, max(after - index, 1) :] < min(MAX_UNDONE * track.lags[index, 0], alike)):
            return True
    return False
