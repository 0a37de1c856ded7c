"""Loudness for balancing: ITU-R BS.1770's weighting, measured on spectra of blocks.

Balancing needs the loudness of a dozen layers within a fraction of a decibel, not a conforming meter: the weighting
is applied to power spectra, and the gate works on 85 ms blocks.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import scipy.fft
from numpy.typing import NDArray
from scipy.signal import sosfreqz

from scoring.request import Samples

SILENCE_LUFS = -120.0
_BLOCK = 4096
_STRIDE = 2  # every other block is enough for a mean
_OFFSET_DB = -0.691  # BS.1770-5 eq. 2
_RELATIVE_GATE_LU = 12.0  # looser than the standard's 10: a layer's own quiet bars belong to it

# BS.1770-5 annex 1, tables 1 and 2: the coefficients at 48 kHz.
_K_WEIGHTING = np.array(
    [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
)


@cache
def _weights() -> NDArray[np.float32]:
    """[_BLOCK // 2 + 1] power gain of the weighting at each bin."""
    frequencies = np.linspace(0.0, np.pi, _BLOCK // 2 + 1)
    _, response = sosfreqz(_K_WEIGHTING, frequencies)
    return np.asarray(np.abs(response) ** 2, dtype=np.float32)


def loudness_lufs(audio: Samples, *, stride: int = _STRIDE) -> float:
    """Gated loudness of [2, N], about LUFS; SILENCE_LUFS where nothing sounds."""
    powers = block_powers(audio, stride=stride)
    powers = powers[powers > 10.0 ** ((-70.0 - _OFFSET_DB) / 10.0)]
    if not len(powers):
        return SILENCE_LUFS
    powers = powers[powers >= powers.mean() * 10.0 ** (-_RELATIVE_GATE_LU / 10.0)]
    return float(10.0 * np.log10(powers.mean()) + _OFFSET_DB)


def block_powers(audio: Samples, *, stride: int = 1) -> NDArray[np.float64]:
    """Weighted mean square of each block of 4096 samples, both channels added; the last one padded with silence."""
    length = audio.shape[1]
    count = max(-(-length // _BLOCK), 1)
    powers = []
    # Some blocks at a time, so that the spectra of a long cue do not fill the memory.
    for first in range(0, count, 64):
        starts = range(first, min(first + 64, count), stride)
        blocks = np.zeros((2, len(starts), _BLOCK), dtype=np.float32)
        for place, block in enumerate(starts):
            piece = audio[:, block * _BLOCK : (block + 1) * _BLOCK]
            blocks[:, place, : piece.shape[1]] = piece
        spectra = scipy.fft.rfft(blocks, axis=2)
        # Parseval; the bins but the first and last stand for two.
        power = (np.square(spectra.real) + np.square(spectra.imag)) @ (2.0 * _weights())
        powers.append(power.sum(axis=0, dtype=np.float64) / _BLOCK**2)
    return np.concatenate(powers)
