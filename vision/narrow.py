"""The film's sound as the detectors take it: one channel at 16 kHz, from the film's first moment on, without gaps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from scoring.timebase import SAMPLE_RATE_HZ, samples_at
from vision.frames import SoundBlock

NARROW_RATE_HZ = 16_000  # what the speech model was trained on, and speech and melody both lie below 8 kHz
Samples = NDArray[np.float32]

_JITTER_SAMPLES = SAMPLE_RATE_HZ // 100  # block times are rounded; less than 10 ms is no gap
_SILENCE_SAMPLES = 4 * SAMPLE_RATE_HZ  # a gap is filled piece by piece, so that an hour of it takes no memory


class Placed:
    """Puts blocks where they belong: what comes before 0 s is dropped, what is missing is silence.

    A sample that is no number counts as silence, as in the level meter.
    """

    def __init__(self) -> None:
        self._next = 0

    def put(self, block: SoundBlock) -> Iterator[Samples]:
        """[2, n] pieces that follow each other without a gap from 0 s on."""
        samples, start = block.samples, samples_at(block.time_s)
        gap = start - self._next
        if gap < 0 and (self._next == 0 or -gap > _JITTER_SAMPLES):
            samples = samples[:, min(-gap, samples.shape[1]) :]
        while gap > _JITTER_SAMPLES or (gap > 0 and self._next == 0):
            count = min(gap, _SILENCE_SAMPLES)
            yield self._passed(np.zeros((2, count), np.float32))
            gap -= count
        if samples.shape[1]:
            yield self._passed(samples)

    def _passed(self, samples: Samples) -> Samples:
        self._next += samples.shape[1]
        if np.isfinite(samples).all():
            return samples
        return np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)


class Narrow:
    """48 kHz stereo in, 16 kHz mono out, sample k at k / 16000 s whatever the blocks were."""

    def __init__(self) -> None:
        import soxr

        self._resampler = soxr.ResampleStream(SAMPLE_RATE_HZ, NARROW_RATE_HZ, 1, dtype="float32", quality="HQ")

    def put(self, samples: Samples) -> Samples:
        """[2, n] → [m], some of it held back until more comes."""
        return np.asarray(self._resampler.resample_chunk(samples.mean(axis=0)), np.float32)

    def rest(self) -> Samples:
        """[m] what was held back. Nothing may be put after it."""
        return np.asarray(self._resampler.resample_chunk(np.zeros(0, np.float32), last=True), np.float32)


class Chunks:
    """Cuts a stream into pieces of `length` samples that begin every `hop`, whatever the blocks were."""

    def __init__(self, length: int, hop: int) -> None:
        self._length, self._hop = length, hop
        self._kept = np.zeros(0, np.float32)

    def put(self, samples: Samples) -> Samples:
        """[k, length] every piece that is complete; overlapping ones are views of the same memory."""
        self._kept = np.concatenate([self._kept, samples])
        count = max(0, (len(self._kept) - self._length) // self._hop + 1)
        if count == 0:
            return np.zeros((0, self._length), np.float32)
        pieces = np.lib.stride_tricks.sliding_window_view(self._kept, self._length)[:: self._hop][:count]
        self._kept = self._kept[count * self._hop :].copy()
        return pieces
