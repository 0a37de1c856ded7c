"""How far the speech stands above the music, in the windows where it matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.timebase import TimeRange

STEPS_PER_S = 10  # the meters' resolution
WINDOW_S = 3.0  # EBU Tech 3341: short-term loudness
LEAST_SPEECH_S = 1.0  # a window with less speech than this says nothing
_FLOOR = 1e-12

Energy = NDArray[np.float64]  # [K] K-weighted mean squares, a tenth of a second each


@dataclass(frozen=True, slots=True)
class Clearance:
    """The worst window. at_s: where it begins. speech_lufs, music_lufs: inside it, speech samples only."""

    worst_lu: float
    at_s: float
    speech_lufs: float
    music_lufs: float


def speech_mask(regions: Sequence[TimeRange], steps: int) -> NDArray[np.bool_]:
    """[steps] which tenths of a second lie in speech, by their middles."""
    middles = (np.arange(steps) + 0.5) / STEPS_PER_S
    mask = np.zeros(steps, bool)
    for region in regions:
        mask |= (middles >= region.start_s) & (middles < region.end_s)
    return mask


def worst_clearance(speech_energy: Energy, music_energy: Energy, regions: Sequence[TimeRange]) -> Clearance | None:
    """The smallest difference of loudness, over all 3 s windows with at least a second of speech; None without any.

    speech_energy, music_energy: [K] K-weighted mean squares a tenth of a second each, of the gained stems.
    """
    speech, music = _windows(speech_energy, music_energy, regions)
    difference = speech - music
    if not np.isfinite(difference).any():
        return None
    worst = int(np.nanargmin(difference))
    return Clearance(float(difference[worst]), worst / STEPS_PER_S, float(speech[worst]), float(music[worst]))


def shortfalls(
    speech_energy: Energy, music_energy: Energy, regions: Sequence[TimeRange], clearance_lu: float
) -> list[float]:
    """By how much each region's worst window misses the clearance, LU; 0 where it does not."""
    speech, music = _windows(speech_energy, music_energy, regions)
    missing = np.nan_to_num(clearance_lu - (speech - music), nan=0.0)
    width = round(WINDOW_S * STEPS_PER_S)
    found = []
    for region in regions:
        # Every window that touches the region.
        first = max(0, int(region.start_s * STEPS_PER_S) - width + 1)
        last = max(first + 1, int(np.ceil(region.end_s * STEPS_PER_S)))
        found.append(max(0.0, float(missing[first:last].max(initial=0.0))))
    return found


def _windows(speech_energy: Energy, music_energy: Energy, regions: Sequence[TimeRange]) -> tuple[Energy, Energy]:
    """Loudness of speech and of music in each 3 s window, speech samples only, LUFS; NaN with too little speech."""
    steps = min(speech_energy.size, music_energy.size)
    mask = speech_mask(regions, steps)
    width = min(steps, round(WINDOW_S * STEPS_PER_S))
    if width == 0:
        return np.empty(0), np.empty(0)
    ones = np.ones(width)
    count = np.convolve(mask.astype(np.float64), ones, "valid")
    count[count < LEAST_SPEECH_S * STEPS_PER_S - 0.5] = np.nan
    speech, music = (
        _db(np.convolve(np.where(mask, energy[:steps], 0.0), ones, "valid") / count)
        for energy in (speech_energy, music_energy)
    )
    return speech, music


def _db(energy: NDArray[np.float64]) -> NDArray[np.float64]:
    decibels: NDArray[np.float64] = -0.691 + 10 * np.log10(np.maximum(energy, _FLOOR))
    return decibels
