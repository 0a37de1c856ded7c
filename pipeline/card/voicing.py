"""How sure a speech model is of a voice in music, tenth by tenth. It was made for talkers, and knows singers too."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.card.track import Floats
from pipeline.sound.clearance import STEPS_PER_S
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ
from vision.narrow import NARROW_RATE_HZ
from vision.speech import CHUNK_S, SpeechDetector

_FRAME = 512  # 32 ms: long enough to part harmonics from the instruments beside them
_HOP = _FRAME // 2
_SIDE_WEIGHT = 2.0  # over-subtraction: found to hear a singer 3 dB deeper in the music, and no instrument as one
_LEAST_GAIN = 0.05  # in power: what is wholly wide is left 13 dB down, so that nothing rings
# Music that the model takes for a voice at one level it knows for music at another; a singer it hears at both.
_LEVELS = (1.0, 0.5)
_PAST = 2  # frames that the powers are averaged over besides the present one
_FLOOR = 1e-12


class VoiceCurve:
    """Takes blocks of [2, n] at 48 kHz, from the start on, of any length."""

    def __init__(self) -> None:
        self._middle = _Middle()
        self._detectors = [SpeechDetector() for _ in _LEVELS]

    def put(self, block: Samples) -> None:
        """block: [2, n] float32, in order."""
        self._hear(self._middle.put(block))

    def finish(self, steps: int) -> Floats:
        """[steps] probability 0..1 that somebody speaks or sings, STEPS_PER_S a second. Call it once, at the end."""
        self._hear(self._middle.rest())
        for detector in self._detectors:
            detector.finish()
        probability = np.min([detector.probability for detector in self._detectors], axis=0)
        if probability.size == 0:
            return np.zeros(steps, np.float32)
        middles_s = (np.arange(probability.size) + 0.5) * CHUNK_S
        at_s = (np.arange(steps) + 0.5) / STEPS_PER_S
        return np.asarray(np.interp(at_s, middles_s, probability), np.float32)

    def _hear(self, middle: Floats) -> None:
        for detector, level in zip(self._detectors, _LEVELS, strict=True):
            detector.put(middle * np.float32(level))


class _Middle:
    """What stands in the middle of the stereo picture, where singers are put, with less of what stands beside it.

    48 kHz stereo in, 16 kHz mono out: the sum of the channels through a mask, line by line, of how much stronger it is
    than their difference (a Wiener gain, as in spectral subtraction). Sound without width passes unchanged.
    """

    def __init__(self) -> None:
        import soxr

        self._resampler = soxr.ResampleStream(SAMPLE_RATE_HZ, NARROW_RATE_HZ, 2, dtype="float32", quality="HQ")
        self._held = np.zeros((2, _HOP), np.float32)  # half a frame of silence before the first sample
        self._past = np.zeros((2, _PAST, _FRAME // 2 + 1), np.float32)
        self._overlap = np.zeros(_HOP, np.float32)
        self._window = np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FRAME) / _FRAME)).astype(np.float32)
        self._is_first = True

    def put(self, block: Samples) -> Floats:
        """[2, n] → [m], some of it held back until more comes."""
        return self._framed(self._resampler.resample_chunk(np.ascontiguousarray(block.T)))

    def rest(self) -> Floats:
        """[m] what was held back. Nothing may be put after it."""
        last = self._resampler.resample_chunk(np.zeros((0, 2), np.float32), last=True)
        return self._framed(np.concatenate([last, np.zeros((_FRAME, 2), np.float32)]))

    def _framed(self, samples: NDArray[np.float32]) -> Floats:
        from scipy.fft import irfft, rfft

        self._held = np.concatenate([self._held, samples.T], axis=1)
        count = max(0, (self._held.shape[1] - _FRAME) // _HOP + 1)
        if count == 0:
            return np.zeros(0, np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(self._held, _FRAME, axis=1)[:, ::_HOP][:, :count]
        spectra = rfft(frames * self._window, axis=2)
        self._held = self._held[:, count * _HOP :].copy()
        middle = 0.5 * (spectra[0] + spectra[1])
        masked = middle * self._gain(np.stack([middle, 0.5 * (spectra[0] - spectra[1])]))
        pieces = irfft(masked, _FRAME, axis=1).astype(np.float32) * self._window
        early = np.concatenate([self._overlap[None], pieces[:-1, _HOP:]])
        self._overlap = pieces[-1, _HOP:]
        sound = (pieces[:, :_HOP] + early).reshape(-1)
        skipped, self._is_first = (_HOP if self._is_first else 0), False
        return np.asarray(sound[skipped:], np.float32)

    def _gain(self, both: NDArray[np.complex64]) -> NDArray[np.float32]:
        """[F, lines] from [2, F, lines], the middle and the side; smoothed over three lines and three frames."""
        power = both.real**2 + both.imag**2
        power[:, :, 1:-1] = (power[:, :, :-2] + power[:, :, 1:-1] + power[:, :, 2:]) / 3
        whole = np.concatenate([self._past, power], axis=1)
        self._past = whole[:, -_PAST:].copy()
        count = power.shape[1]
        smooth = np.sum([whole[:, late : late + count] for late in range(_PAST + 1)], axis=0)
        wide = smooth[1] / (smooth[0] + _FLOOR)
        return np.asarray(np.sqrt(np.clip(1 - _SIDE_WEIGHT * wide, _LEAST_GAIN, 1)), np.float32)
