"""The pitch of a voice, frame by frame, from the autocorrelation of its sound."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from vision.narrow import NARROW_RATE_HZ, Samples

FRAME_SAMPLES = 640  # 40 ms: two and a half periods of the lowest voice
LOWEST_HZ, HIGHEST_HZ = 60.0, 500.0
# Boersma 1993, Proc. IFA 17: 97: a frame is voiced from this strength on, and of two periods that explain it nearly as
# well the shorter one is meant. The first number is his, the second larger than his 0.01, since nothing here follows
# a path through the candidates (design choice).
VOICED = 0.45
OCTAVE_COST = 0.04
_FFT = 1024  # longer than a frame and the longest period together
_SHORTEST, _LONGEST = int(NARROW_RATE_HZ / HIGHEST_HZ), int(NARROW_RATE_HZ / LOWEST_HZ)
_FAINT = 1e-8  # mean square, −80 dBFS: nothing to be measured


def pitches_hz(frames: Samples) -> Samples:
    """[K] Hz of [K, FRAME_SAMPLES] at 16 kHz, 0 where a frame is not voiced.

    Autocorrelation of the windowed frame over that of the window (Boersma 1993, eq. 9), peaks between their samples by
    a parabola.
    """
    import scipy.fft

    window, own = _window()
    centred = frames - frames.mean(axis=1, keepdims=True)
    spectra = scipy.fft.rfft(centred * window, _FFT, axis=1)
    likeness = scipy.fft.irfft(np.square(spectra.real) + np.square(spectra.imag), _FFT, axis=1)[:, : _LONGEST + 2]
    energy = np.maximum(likeness[:, :1], 1e-12)
    likeness = likeness / (energy * own)
    here, before, after = likeness[:, _SHORTEST:-1], likeness[:, _SHORTEST - 1 : -2], likeness[:, _SHORTEST + 1 :]
    is_peak = (here >= before) & (here > after)
    worth = np.where(is_peak, here - OCTAVE_COST * _octaves(), -1.0)
    best = worth.argmax(axis=1)
    rows = np.arange(len(frames))
    low, peak, high = before[rows, best], here[rows, best], after[rows, best]
    bend = low - 2 * peak + high
    shift = np.where(np.abs(bend) > 1e-9, 0.5 * (low - high) / np.where(bend == 0, 1, bend), 0.0)
    is_voiced = is_peak[rows, best] & (peak >= VOICED) & (np.square(frames).mean(axis=1) > _FAINT)
    period = _SHORTEST + best + np.clip(shift, -0.5, 0.5)
    return np.asarray(np.where(is_voiced, NARROW_RATE_HZ / period, 0.0), np.float32)


@cache
def _window() -> tuple[Samples, NDArray[np.float64]]:
    """[FRAME_SAMPLES] Hann, and its own autocorrelation over lag 0's at each lag that matters."""
    window = np.hanning(FRAME_SAMPLES).astype(np.float32)
    own = np.correlate(window, window, "full")[FRAME_SAMPLES - 1 :][: _LONGEST + 2]
    return window, (own / own[0]).astype(np.float32)


@cache
def _octaves() -> NDArray[np.float64]:
    """How many octaves each period lies above the shortest."""
    return np.log2(np.arange(_SHORTEST, _LONGEST + 1) / _SHORTEST).astype(np.float32)
