"""Listens to the film's own sound: how loud each tenth of a second is."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from scoring.analysis import Curve
from scoring.timebase import SAMPLE_RATE_HZ, samples_at
from vision.frames import SoundBlock

SILENCE_DB = -120.0  # what digital silence reads
AUDIBLE_DB = -70.0  # design choice: a track that never rises above this holds no sound, only the noise of its recording
BIN_SAMPLES = SAMPLE_RATE_HZ // 10  # samples in one value of the 10 Hz track


class SoundMeter:
    """Takes blocks of any length, keeps 12 bytes for every tenth of a second."""

    def __init__(self) -> None:
        self._energy = array("d")  # sum of the squares of both channels
        self._samples = array("l")  # samples that each bin received
        self.end_s = 0.0

    def hear(self, block: SoundBlock) -> None:
        """Add one block to the bins it covers, split at the exact sample."""
        count = block.samples.shape[1]
        start = samples_at(block.time_s)
        skip = min(max(-start, 0), count)  # sound from before the first picture belongs to no bin
        start, samples = start + skip, block.samples[:, skip:]
        if samples.shape[1] == 0:
            return
        self._grow((start + samples.shape[1] - 1) // BIN_SAMPLES + 1)
        edges = np.arange(BIN_SAMPLES - start % BIN_SAMPLES, samples.shape[1], BIN_SAMPLES)
        for index, part in enumerate(np.split(samples, edges, axis=1), start // BIN_SAMPLES):
            self._energy[index] += _energy(part)
            self._samples[index] += part.shape[1]
        self.end_s = max(self.end_s, (start + samples.shape[1]) / SAMPLE_RATE_HZ)

    def level_db(self, bins: int) -> Curve:
        """The first `bins` values, dBFS RMS over both channels; SILENCE_DB where there was no sound."""
        energy, samples = np.zeros(bins), np.zeros(bins)
        kept = min(bins, len(self._energy))
        energy[:kept] = np.array(self._energy[:kept], np.float64)
        samples[:kept] = np.array(self._samples[:kept], np.float64)
        mean_square = energy / np.maximum(2.0 * samples, 1.0)
        return np.asarray(10.0 * np.log10(np.maximum(mean_square, 10.0 ** (SILENCE_DB / 10.0))), np.float64)

    def _grow(self, bins: int) -> None:
        missing = bins - len(self._energy)
        self._energy.extend([0.0] * missing)
        self._samples.extend([0] * missing)


def _energy(samples: NDArray[np.float32]) -> float:
    """Sum of squares. A sample that is no number, as broken float files hold, counts as silence."""
    flat = samples.ravel()
    total = float(np.dot(flat, flat))
    return total if np.isfinite(total) else float(np.sum(np.nan_to_num(flat, posinf=0.0, neginf=0.0) ** 2))
