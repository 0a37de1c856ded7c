"""How loud a stretch of the film's own sound is, after ITU-R BS.1770-5, from a tenth-second track of its energy."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from scoring.timebase import SAMPLE_RATE_HZ, TimeRange
from vision.narrow import Samples

# ITU-R BS.1770-5 tables 1 and 2: K-weighting at 48 kHz as second-order sections (b0 b1 b2 a0 a1 a2).
K_WEIGHTING = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585),
    (1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621),
)
OFFSET_DB = -0.691  # BS.1770-5 eq. 2
ABSOLUTE_GATE_LUFS = -70.0  # BS.1770-5 annex 1
RELATIVE_GATE_LU = -10.0  # the same
STEP_SAMPLES = SAMPLE_RATE_HZ // 10
STEPS_PER_BLOCK = 4  # gating blocks of 400 ms every 100 ms


class LoudnessTrack:
    """Takes sound without gaps from 0 s on, keeps 80 bytes a second."""

    def __init__(self) -> None:
        self._filters = np.array(K_WEIGHTING)
        self._state = np.zeros((len(K_WEIGHTING), 2, 2))
        self._partial = np.zeros(0)
        self._energy = array("d")  # of each whole tenth of a second, both channels

    def put(self, samples: Samples) -> None:
        """samples: [2, n]."""
        from scipy.signal import sosfilt

        weighted, self._state = sosfilt(self._filters, samples, axis=1, zi=self._state)
        power = np.concatenate([self._partial, np.einsum("cn,cn->n", weighted, weighted)])
        whole = len(power) // STEP_SAMPLES * STEP_SAMPLES
        self._energy.extend(power[:whole].reshape(-1, STEP_SAMPLES).mean(axis=1))
        self._partial = power[whole:].copy()

    def loudness_lufs(self, stretch: TimeRange) -> float | None:
        """Gated loudness of the tenths of a second that lie in the stretch, or touch it where none lies inside.

        A stretch under 400 ms is measured whole, ungated. None where nothing reaches −70 LUFS.
        """
        first, last = int(np.ceil(stretch.start_s * 10 - 1e-6)), int(stretch.end_s * 10 + 1e-6)
        if last <= first:
            first, last = int(stretch.start_s * 10), int(np.ceil(stretch.end_s * 10))
        steps = np.array(self._energy[first:last])
        if len(steps) == 0:
            return None
        if len(steps) < STEPS_PER_BLOCK:
            return _audible_lufs(steps)
        blocks = np.convolve(steps, np.full(STEPS_PER_BLOCK, 1 / STEPS_PER_BLOCK), "valid")
        blocks = blocks[blocks > _energy(ABSOLUTE_GATE_LUFS)]
        if len(blocks) == 0:
            return None
        return _audible_lufs(blocks[blocks > blocks.mean() * 10 ** (RELATIVE_GATE_LU / 10)])


def _audible_lufs(energy: NDArray[np.float64]) -> float | None:
    mean = float(energy.mean())
    return OFFSET_DB + 10 * float(np.log10(mean)) if mean > _energy(ABSOLUTE_GATE_LUFS) else None


def _energy(lufs: float) -> float:
    return float(10 ** ((lufs - OFFSET_DB) / 10))
