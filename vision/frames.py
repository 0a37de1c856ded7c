"""What the decoder hands over: small pictures with timestamps and blocks of sound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Frame:
    """Every picture of the film, small: about 320x180 pixels, upright, display-referred BT.709 full range luma.

    time_s: when it is shown; rises strictly. luma: [H, W]. cb, cr: [H/2, W/2], 128 is grey.
    """

    time_s: float
    luma: Plane
    cb: Plane
    cr: Plane


@dataclass(frozen=True, slots=True)
class Still:
    """Two pictures a second, larger and in colour, for what looks at content. rgb: [H, W, 3], shorter side 224."""

    time_s: float
    rgb: Plane


@dataclass(frozen=True, slots=True)
class SoundBlock:
    """A stretch of the film's own sound, in order and without gaps. samples: [2, n] float32 at 48 kHz."""

    time_s: float
    samples: NDArray[np.float32]


MediaItem = Frame | Still | SoundBlock
