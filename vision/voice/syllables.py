"""Syllables without words: the peaks of a voice's level, after de Jong & Wempe 2009 (Behav. Res. Methods 41: 385)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LEVEL_S = 0.01  # between two values of the level
DIP_DB = 2.0  # theirs: between two syllables the level falls by this much
FLOOR_DB = 25.0  # theirs: nothing this far below the loudest hundredth belongs to a syllable
# Design choices. Their level is smoothed over 64 ms, which melts the syllables of a fast speaker together: the same
# speech 1.25 times as fast then reads 1.05 to 1.2 times as fast, with these 1.21 to 1.24 times (benchmarks/voice.py).
# The price is that a burst before a vowel counts at times, so that paces read about a third too high.
_SMOOTHING = 3  # values
_CLOSEST = 4  # values between two peaks
_VOICED_REACH = 4  # values: a nucleus is voiced where any pitch this near its peak is

Level = NDArray[np.floating]


def pace_per_s(level_db: Level, is_voiced: NDArray[np.bool_]) -> float:
    """Nuclei of syllables in each second that sounds, 0 where there are none.

    level_db: [N] every LEVEL_S. is_voiced: [N]. Pauses do not count: how long they are is no pace of the tongue.
    """
    if not len(level_db):
        return 0.0
    smooth_db = _smoothed(level_db)
    floor_db = float(np.percentile(smooth_db, 99)) - FLOOR_DB
    sounding_s = LEVEL_S * int(np.sum(smooth_db > floor_db))
    return len(_nuclei(smooth_db, floor_db, is_voiced)) / max(sounding_s, LEVEL_S)


def _smoothed(level_db: Level) -> Level:
    kernel = np.hanning(_SMOOTHING + 2)[1:-1]
    power = np.convolve(np.pad(10 ** (level_db / 10), _SMOOTHING // 2, "edge"), kernel / kernel.sum(), "valid")
    return np.asarray(10 * np.log10(power + 1e-12))


def _nuclei(smooth_db: Level, floor_db: float, is_voiced: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Where the middles of syllables lie, as indices."""
    from scipy.signal import find_peaks

    edged_db = np.pad(smooth_db, 1, constant_values=-130.0)  # a region begins and ends with a fall
    peaks, _ = find_peaks(edged_db, height=floor_db, prominence=DIP_DB, distance=_CLOSEST)
    near = np.convolve(is_voiced, np.ones(2 * _VOICED_REACH + 1), "full")[_VOICED_REACH:-_VOICED_REACH] > 0
    found = peaks - 1
    return np.asarray(found[near[found]], np.intp)
