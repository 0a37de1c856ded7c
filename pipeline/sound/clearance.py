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


def worst_clearance(
    speech_energy: NDArray[np.float64], music_energy: NDArray[np.float64], regions: Sequence[TimeRange]
) -> Clearance | None:
    """The smallest difference of loudness, over all 3 s windows with at least a second of speech; None without any.

    speech_energy, music_energy: [K] K-weighted mean squares a tenth of a second each, of the gained stems.
    """
    steps = min(speech_energy.size, music_energy.size)
    mask = speech_mask(regions, steps)
    width = min(steps, round(WINDOW_S * STEPS_PER_S))
    if width == 0:
        return None
    ones = np.ones(width)
    count = np.convolve(mask.astype(np.float64), ones, "valid")
    enough = count >= LEAST_SPEECH_S * STEPS_PER_S - 0.5
    if not enough.any():
        return None
    speech, music = (
        np.convolve(np.where(mask, energy[:steps], 0.0), ones, "valid") / np.maximum(count, 1)
        for energy in (speech_energy, music_energy)
    )
    difference = np.where(enough, _db(speech) - _db(music), np.inf)
    worst = int(np.argmin(difference))
    return Clearance(
        float(difference[worst]), worst / STEPS_PER_S, float(_db(speech)[worst]), float(_db(music)[worst])
    )


def needed_depth_db(
    speech_energy: NDArray[np.float64],
    music_energy: NDArray[np.float64],
    region: TimeRange,
    clearance_lu: float,
) -> float:
    """How far the music must go down under one region so that its worst window is clear, dB; 0 where it is already.

    The region's own steps are judged in 3 s windows, or as a whole where it is shorter.
    """
    first = max(0, int(region.start_s * STEPS_PER_S))
    last = min(speech_energy.size, music_energy.size, int(np.ceil(region.end_s * STEPS_PER_S)))
    if last <= first:
        return 0.0
    width = min(last - first, round(WINDOW_S * STEPS_PER_S))
    ones = np.ones(width) / width
    speech = np.convolve(speech_energy[first:last], ones, "valid")
    music = np.convolve(music_energy[first:last], ones, "valid")
    return max(0.0, float(np.max(clearance_lu + _db(music) - _db(speech))))


def _db(energy: NDArray[np.float64]) -> NDArray[np.float64]:
    decibels: NDArray[np.float64] = -0.691 + 10 * np.log10(np.maximum(energy, _FLOOR))
    return decibels
