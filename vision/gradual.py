"""Finds gradual changes, dissolves and fades, between the hard cuts of what was measured of every picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from scoring.analysis import Cut
from vision.cuts import MIN_SHOT_S
from vision.dissolves import find_dissolves
from vision.fades import find_fades
from vision.pictures import PictureTrack


def find_gradual(track: PictureTrack, cuts: Sequence[Cut], duration_s: float) -> tuple[Cut, ...]:
    """Dissolves and fades between the hard cuts, in time order, none overlapping another.

    A dissolve's time_s is its middle. A fade's is where the picture is blank: the middle of the plain field between
    fading out and in; the end of a fade out and the start of a fade in that stand alone, but for the one that opens
    the film, which counts where the picture is fully there. Each stays MIN_SHOT_S clear of the hard cuts, of the
    film's ends and of the one before.
    """
    if len(track.times_s) < 2:
        return ()
    found: list[Cut] = []
    edges_s = [0.0, *(cut.time_s for cut in cuts), duration_s]
    for low_s, high_s in pairwise(edges_s):
        first, after = np.searchsorted(track.times_s, [low_s, high_s]).tolist()
        if after - first < 3 or high_s - low_s < 2 * MIN_SHOT_S:
            continue
        fades = find_fades(track, first, after - 1)
        busy = [(fade.start_s, fade.end_s) for fade in fades]
        both = [*fades, *find_dissolves(track, first, after - 1, busy)]
        found += [_within(cut, low_s, high_s) for cut in sorted(both, key=lambda cut: cut.start_s)]
    return tuple(_spaced(found))


def _within(cut: Cut, low_s: float, high_s: float) -> Cut:
    time_s = min(max(cut.time_s, low_s + MIN_SHOT_S), high_s - MIN_SHOT_S)
    start_s, end_s = max(low_s, min(cut.start_s, time_s)), min(high_s, max(cut.end_s, time_s))
    return replace(cut, time_s=time_s, start_s=start_s, end_s=end_s)


def _spaced(cuts: Sequence[Cut]) -> list[Cut]:
    kept: list[Cut] = []
    for cut in cuts:
        if not kept or (cut.time_s - kept[-1].time_s >= MIN_SHOT_S and cut.start_s >= kept[-1].end_s):
            kept.append(cut)
    return kept
