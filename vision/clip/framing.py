"""What part of a picture the network looks at, and in which numbers.

The library's own resize is used wherever there is something to resize. What the decoder delivers has its shorter side
at the network's already: the resize is then the identity, and a centre crop, which is a view, is all that is left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vision.frames import Plane

Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Framing:
    """How one model is shown pictures.

    side_px: the square's side. crops: whether a picture whose shorter side is side_px is only cropped (else it is
    squashed or padded). crop_start: where a crop begins, of the pixels there are too many; libraries round differently.
    resized: the library's own, [H, W, 3] → [side_px, side_px, 3]. scale, shift: the network's numbers are
    byte · scale + shift, a channel each.
    """

    side_px: int
    crops: bool
    crop_start: Callable[[int], int]
    resized: Callable[[Plane], Plane]
    scale: Triple
    shift: Triple

    def cut(self, picture: Plane) -> Plane:
        """[H, W, 3] uint8 → [side_px, side_px, 3] uint8, a view where nothing has to be resized."""
        height, width = picture.shape[:2]
        side = self.side_px
        if height == width == side:
            return picture
        if not self.crops or min(height, width) != side:
            return self.resized(picture)
        top, left = self.crop_start(height - side), self.crop_start(width - side)
        return picture[top : top + side, left : left + side]


def numbers_of(mean: Triple, std: Triple, unit: float = 1 / 255) -> tuple[Triple, Triple]:
    """scale and shift for (byte · unit - mean) / std."""
    red, green, blue = (unit / s for s in std)
    shifts = tuple(-m / s for m, s in zip(mean, std, strict=True))
    return (red, green, blue), (shifts[0], shifts[1], shifts[2])
