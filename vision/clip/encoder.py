"""What turns pictures and words into vectors that can be compared: the protocol every encoder obeys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vision.frames import Plane

Vectors = NDArray[np.float32]  # [N, D], every row of length 1
PendingVectors = Callable[[], Vectors]  # waits until they are there


class Encoder(Protocol):
    """A picture encoder and a text encoder with one space. Deterministic; rows do not depend on their neighbours."""

    @property
    def name(self) -> str:
        """What every output carries: "ViT-B-32/laion2b_s34b_b79k"."""

    @property
    def fingerprint(self) -> str:
        """What tells its weights from others under the same name: a hash, of the files or of a few vectors."""

    @property
    def side_px(self) -> int:
        """The side of the square the network looks at."""

    @property
    def batch(self) -> int:
        """How many pictures are best given at once on this device."""

    def pictures(self, pictures: Sequence[Plane]) -> PendingVectors:
        """Begin to encode pictures, each [H, W, 3] uint8 RGB of any size; the pictures are free again on return.

        This may return before the vectors are there.
        """

    def texts(self, texts: Sequence[str]) -> Vectors:
        """[len(texts), D], in the same space."""
