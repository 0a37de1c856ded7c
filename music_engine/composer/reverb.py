"""The shared room: convolution with a stereo impulse response made from decaying noise.

Statistical room model (Moorer 1979, "About this reverberation business"): after the first reflections a room's
answer is noise that decays exponentially, faster in the highs. The numbers per style are design choices.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import scipy.fft
from scipy.signal import butter, sosfilt

from scoring.request import Samples
from scoring.style import Space
from scoring.timebase import SAMPLE_RATE_HZ

_BANDS_HZ = (250.0, 1500.0, 5000.0)  # between the four bands that decay each in its own time
_EARLY_TAPS = 9
_SHARED = 0.9  # what both channels hear, against what each hears alone
_BLOCK = 1 << 17


@cache
def impulse_response(space: Space) -> Samples:
    """[2, N] float32 of unit energy a channel; the two are partly alike, as in a hall."""
    rng = np.random.default_rng([1979, 7])
    length = round((space.pre_delay_ms / 1000.0 + space.decay_s) * SAMPLE_RATE_HZ)
    delay = round(space.pre_delay_ms / 1000.0 * SAMPLE_RATE_HZ)
    time_s = np.arange(length - delay) / SAMPLE_RATE_HZ
    noise = rng.standard_normal((2, len(time_s))) + _SHARED * rng.standard_normal(len(time_s))
    response = np.zeros((2, length))
    for band, decay_s in zip(_split(noise), _decays(space), strict=True):
        response[:, delay:] += band * 10.0 ** (-3.0 * time_s / decay_s)  # −60 dB after decay_s
    response[:, delay:] *= np.minimum(time_s / 0.015, 1.0)
    for channel in range(2):
        taps = delay + rng.integers(0, round(0.06 * SAMPLE_RATE_HZ), _EARLY_TAPS)
        gains = rng.choice((-1.0, 1.0), _EARLY_TAPS) * np.linspace(1.0, 0.35, _EARLY_TAPS)
        response[channel, np.minimum(np.sort(taps), length - 1)] += 4.0 * gains
    fade = round(0.05 * SAMPLE_RATE_HZ)
    response[:, -fade:] *= np.linspace(1.0, 0.0, fade)
    response = sosfilt(butter(2, space.damping_hz * 1.6, fs=SAMPLE_RATE_HZ, output="sos"), response)
    return np.asarray(response / np.sqrt((response**2).sum(axis=1, keepdims=True)), dtype=np.float32)


def _decays(space: Space) -> tuple[float, ...]:
    highest = space.decay_s * min(space.damping_hz / 12_000.0, 0.8)
    return (space.decay_s * 0.85, space.decay_s, space.decay_s * 0.75, highest)


def _split(
    noise: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> list[np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
    """The noise in four bands that add up to it."""
    below = [sosfilt(butter(2, edge, fs=SAMPLE_RATE_HZ, output="sos"), noise) for edge in _BANDS_HZ]
    return [below[0], below[1] - below[0], below[2] - below[1], noise - below[2]]


def convolve_into(out: Samples, send: Samples, space: Space) -> None:
    """Adds the room's answer to `send` ([N], mono) onto `out` ([2, N]); what rings past its end is cut.

    Overlap-add in float32 (Stockham 1966), the block three times the response or so.
    """
    response = impulse_response(space)
    size = max(_BLOCK * 2, 1 << int(np.ceil(np.log2(response.shape[1] * 2))))
    size = min(size, 1 << int(np.ceil(np.log2(len(send) + response.shape[1]))))
    step = size - response.shape[1] + 1
    spectrum = scipy.fft.rfft(response, size, axis=1, workers=2)
    for start in range(0, len(send), step):
        piece = send[start : start + step]
        if not piece.any():
            continue
        wet = scipy.fft.irfft(scipy.fft.rfft(piece, size) * spectrum, size, axis=1, workers=2, overwrite_x=True)
        stop = min(start + size, out.shape[1])
        out[:, start:stop] += wet[:, : stop - start]
