"""Endless tables made in the frequency domain: pad tones and beds of noise that loop without a seam.

The pad is Nasca Octavian Paul's PADsynth: every harmonic is a narrow band of random phases, so that the tone
shimmers like a section of players instead of beating like an organ.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

TABLE_SAMPLES = 1 << 17  # 2.7 s
_HARMONICS = 16
_BANDWIDTH_CENTS = 18.0
_ROLL_OFF = 1.6  # harmonic k has amplitude k^-1.6: darker than a bowed string, brighter than a flute
_SHARED = 0.8  # share of a table's amplitude that both channels have in common


@cache
def pad_table(pitch: int) -> Samples:
    """[2, TABLE_SAMPLES] float32, root mean square 0.1 a channel, of a MIDI pitch."""
    f0_hz = 440.0 * 2.0 ** ((pitch - 69) / 12.0)
    frequencies_hz = np.fft.rfftfreq(TABLE_SAMPLES, 1.0 / SAMPLE_RATE_HZ)
    amplitude = np.zeros(len(frequencies_hz))
    for k in range(1, _HARMONICS + 1):
        centre_hz = k * f0_hz
        if centre_hz > 14_000.0:
            break
        width_hz = max((2.0 ** (_BANDWIDTH_CENTS / 1200.0) - 1.0) * centre_hz, 0.4)
        low, high = np.searchsorted(frequencies_hz, (centre_hz - 4 * width_hz, centre_hz + 4 * width_hz))
        band = np.exp(-(((frequencies_hz[low:high] - centre_hz) / width_hz) ** 2))
        amplitude[low:high] += k**-_ROLL_OFF * band / np.sqrt(width_hz)
    rng = np.random.default_rng([pitch, 7])
    middle, side = (_from_spectrum(amplitude, rng) for _ in range(2))
    left = _SHARED * middle + (1.0 - _SHARED) * side
    right = _SHARED * middle - (1.0 - _SHARED) * side
    table = np.stack([left, right])
    return np.asarray(table * (0.1 / np.sqrt(np.mean(table**2))), dtype=np.float32)


def _from_spectrum(amplitude: np.ndarray[tuple[int], np.dtype[np.float64]], rng: np.random.Generator) -> Samples:
    phases = rng.uniform(0.0, 2.0 * np.pi, len(amplitude))
    return np.fft.irfft(amplitude * np.exp(1j * phases), TABLE_SAMPLES).astype(np.float32)


@cache
def air_table() -> Samples:
    """[2, TABLE_SAMPLES] float32, root mean square 0.1: soft noise, strongest around 6 kHz, for a bed of air."""
    frequencies_hz = np.fft.rfftfreq(TABLE_SAMPLES, 1.0 / SAMPLE_RATE_HZ)
    octaves = np.log2(np.maximum(frequencies_hz, 20.0) / 6000.0)
    amplitude = np.exp(-0.5 * (octaves / 1.1) ** 2) * (frequencies_hz > 60.0)
    rng = np.random.default_rng([6000, 7])
    table = np.stack([_from_spectrum(amplitude, rng) for _ in range(2)])
    return np.asarray(table * (0.1 / np.sqrt(np.mean(table**2))), dtype=np.float32)
