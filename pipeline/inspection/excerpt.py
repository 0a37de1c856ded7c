"""A film's sound as far as it takes to find the same sound in another film: narrow, its beginning and its end."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

RATE_HZ = 4000  # speech and most of what tells sounds apart lies below 2 kHz
HEAD_S, TAIL_S = 600, 120
QUIET = 1e-4  # −80 dBFS: what is softer says nothing
Narrow = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One channel at RATE_HZ. head: the first HEAD_S seconds. tail: the last TAIL_S, from sample tail_at on; both may
    be the same stretch. size: of the whole sound, samples at RATE_HZ."""

    head: Narrow
    tail: Narrow
    tail_at: int
    size: int

    @property
    def is_silent(self) -> bool:
        """Whether nothing in it could be heard."""
        return max(float(np.abs(kept).max(initial=0.0)) for kept in (self.head, self.tail)) < QUIET

    def stretch(self, start: int, samples: int) -> Narrow | None:
        """[samples] from a sample on, silence outside the sound; None where that was not kept."""
        found = np.zeros(samples, np.float32)
        first, last = max(0, start), min(self.size, start + samples)
        if first >= last:
            return found
        for kept, at in ((self.head, 0), (self.tail, self.tail_at)):
            if at <= first and last <= at + kept.size:
                found[first - start : last - start] = kept[first - at : last - at]
                return found
        return None


class Excerpter:
    """Takes a sound's blocks, [2, n] at 48 kHz, and gives its Excerpt."""

    def __init__(self) -> None:
        import soxr

        self._narrow = soxr.ResampleStream(SAMPLE_RATE_HZ, RATE_HZ, 1, dtype="float32", quality="MQ")
        self._head: list[Narrow] = []
        self._tail: deque[Narrow] = deque()
        self._size = self._tail_size = 0

    def add(self, block: Samples) -> None:
        """The next block."""
        self._keep(self._narrow.resample_chunk(block.mean(axis=0)))

    def excerpt(self) -> Excerpt:
        """What was kept. Call it once, at the end."""
        self._keep(self._narrow.resample_chunk(np.zeros(0, np.float32), last=True))
        head = np.concatenate([np.zeros(0, np.float32), *self._head])[: HEAD_S * RATE_HZ]
        tail = np.concatenate([np.zeros(0, np.float32), *self._tail])
        return Excerpt(head, tail, self._size - tail.size, self._size)

    def _keep(self, samples: Narrow) -> None:
        if samples.size == 0:
            return
        if self._size < HEAD_S * RATE_HZ:
            self._head.append(samples)
        self._size += samples.size
        self._tail.append(samples)
        self._tail_size += samples.size
        while self._tail_size - self._tail[0].size >= TAIL_S * RATE_HZ:
            self._tail_size -= self._tail.popleft().size
