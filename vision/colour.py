"""What one still shows without knowing what is in it: colourfulness, lightness, darkness, contrast."""

from __future__ import annotations

from array import array

import cv2
import numpy as np

from scoring.analysis import Curve
from vision.frames import Plane, Still

WORK_HEIGHT_PX = 112  # half a still: colour statistics do not need more
SHADOW_LIGHTNESS = 0.18  # Wang & Cheong 2006: below this a pixel counts as shadow
BAR_LEVEL = 24  # 8-bit steps: nothing in a bar is brighter, coding noise included
LOOK_NAMES = ("colourfulness", "lightness", "darkness", "contrast")


def look_at(rgb: Plane) -> tuple[float, float, float, float]:
    """Colourfulness, lightness, darkness and contrast of a picture, in the order of LOOK_NAMES.

    rgb: [H, W, 3]. Colourfulness as in Hasler & Süsstrunk 2003: sqrt(σ_rg² + σ_yb²) + 0.3 sqrt(μ_rg² + μ_yb²) with
    rg = R − G, yb = (R + G) / 2 − B on 0..255; their readers called 33 moderately, 59 quite, 82 highly colourful.
    Lightness: mean BT.709 luma 0..1. Darkness: share of pixels below SHADOW_LIGHTNESS. Contrast: standard deviation of
    the luma, 0..0.5. Black bars above, below and beside the picture are not part of it.
    """
    rgb = without_bars(rgb)
    if rgb.shape[0] > WORK_HEIGHT_PX:
        width = max(1, round(rgb.shape[1] * WORK_HEIGHT_PX / rgb.shape[0]))
        rgb = np.asarray(cv2.resize(rgb, (width, WORK_HEIGHT_PX), interpolation=cv2.INTER_AREA), np.uint8)
    opponents = cv2.transform(rgb.astype(np.float32), _OPPONENTS)
    mean, deviation = (part[:, 0] for part in cv2.meanStdDev(opponents))
    colourfulness = np.hypot(deviation[1], deviation[2]) + 0.3 * np.hypot(mean[1], mean[2])
    darkness = float(np.mean(opponents[:, :, 0] < SHADOW_LIGHTNESS * 255.0))
    return float(colourfulness), float(mean[0]) / 255.0, darkness, float(deviation[0]) / 255.0


def without_bars(rgb: Plane) -> Plane:
    """The picture inside black bars; all of it when it is black throughout."""
    lit = np.asarray(cv2.reduce(rgb.reshape(rgb.shape[0], -1), 1, cv2.REDUCE_MAX))[:, 0] > BAR_LEVEL
    columns = np.asarray(cv2.reduce(rgb, 0, cv2.REDUCE_MAX))[0].max(axis=1) > BAR_LEVEL
    if not lit.any() or not columns.any():
        return rgb
    top, left = int(np.argmax(lit)), int(np.argmax(columns))
    return rgb[top : len(lit) - int(np.argmax(lit[::-1])), left : len(columns) - int(np.argmax(columns[::-1]))]


# Rows: luma (BT.709), rg, yb (Hasler & Süsstrunk 2003).
_OPPONENTS = np.array([[0.2126, 0.7152, 0.0722], [1.0, -1.0, 0.0], [0.5, 0.5, -1.0]], np.float32)


class LookMeter:
    """Looks at stills as they come and keeps five numbers of each."""

    def __init__(self) -> None:
        self._times_s = array("d")
        self._looks = array("d")

    def see(self, still: Still) -> None:
        """Measure one still."""
        self._times_s.append(still.time_s)
        self._looks.extend(look_at(still.rgb))

    @property
    def times_s(self) -> Curve:
        """[S] when the stills were shown."""
        return np.array(self._times_s, np.float64)

    @property
    def looks(self) -> Curve:
        """[S, 4] in the order of LOOK_NAMES."""
        return np.array(self._looks, np.float64).reshape(-1, len(LOOK_NAMES))
