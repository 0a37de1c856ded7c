"""Pictures in line for the encoder: gathered into batches, sent off, waited for as late as possible."""

from __future__ import annotations

from array import array
from collections import deque

import numpy as np

from vision.clip.encoder import Encoder, PendingVectors, Vectors
from vision.frames import Plane

WAITING_BATCHES = 3  # so many may be on their way before the oldest is waited for


class EncodingQueue:
    """One film's pictures. Holds one batch of them, and 4 D + 8 bytes for each."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._batch: list[Plane] = []
        self._waiting: deque[PendingVectors] = deque()
        self._done: list[Vectors] = []
        self._rows = array("q")  # which vector each picture has
        self._encoded = 0
        self._last: Plane | None = None

    def put(self, rgb: Plane) -> None:
        """Take in a picture; one that is the same as the one before to the bit is not encoded again."""
        if self._last is None or not np.array_equal(self._last, rgb):
            self._batch.append(rgb)
            self._encoded += 1
            self._last = rgb
        self._rows.append(self._encoded - 1)
        if len(self._batch) >= self._encoder.batch:
            self._send()

    def finish(self) -> Vectors:
        """[S, D] one row for each picture put in; [0, 0] without any."""
        if self._batch:
            self._send()
        self._done.extend(pending() for pending in self._waiting)
        self._waiting.clear()
        if not self._done:
            return np.zeros((0, 0), np.float32)
        return np.concatenate(self._done)[np.array(self._rows, np.intp)]

    def _send(self) -> None:
        self._waiting.append(self._encoder.pictures(self._batch))
        self._batch = []
        while len(self._waiting) > WAITING_BATCHES:
            self._done.append(self._waiting.popleft()())
