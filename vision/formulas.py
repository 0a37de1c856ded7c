"""Published formulas that read a mood from colours alone, without weights: what an analyser has to be measured against.

Every one is used as its authors wrote it, on the mean of the picture; none was fitted here. `axes` says for which axis
its source claims a direction, always "more of it, more of the axis".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from vision.colour import LOOK_NAMES, WORK_HEIGHT_PX, look_at, without_bars
from vision.frames import Plane

Feelings = Literal["valence", "arousal"]
AXES: tuple[Feelings, ...] = ("valence", "arousal")

Colours = Mapping[str, float]
COLOUR_NAMES = (*LOOK_NAMES, "saturation", "brightness", "redness", "yellowness")


@dataclass(frozen=True, slots=True)
class Formula:
    """A published relation. axes: which it claims to raise. read: from measure()'s numbers."""

    name: str
    axes: tuple[Feelings, ...]
    source: str
    read: Callable[[Colours], float]


def measure(rgb: Plane) -> dict[str, float]:
    """Everything the formulas need of a picture [H, W, 3]; the names of COLOUR_NAMES are among them.

    Of LOOK_NAMES see vision.colour. saturation, brightness: mean S and V of HSV, 0..1. brightness_spread: standard
    deviation of V. redness, yellowness: mean CIELAB a* and b*. chroma: mean C*, lab_lightness: mean L*, 0..100.
    warmth, heaviness, activity: means over the pixels of the scales of Ou et al. 2004.
    """
    looks = dict(zip(LOOK_NAMES, look_at(rgb), strict=True))
    picture = _small(without_bars(rgb)).astype(np.float32) / 255.0
    hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
    lightness, red, yellow = np.moveaxis(cv2.cvtColor(picture, cv2.COLOR_RGB2Lab).astype(np.float64), 2, 0)
    chroma, hue = np.hypot(red, yellow), np.arctan2(yellow, red)
    # Ou, Luo, Woodcock & Wright 2004, Color Research & Application 29:232: CIELAB lightness L, chroma C, hue angle h.
    warmth = -0.5 + 0.02 * chroma**1.07 * np.cos(hue - np.radians(50.0))
    heaviness = -2.1 + 0.05 * (100.0 - lightness)
    activity = -1.1 + 0.03 * np.sqrt(chroma**2 + ((lightness - 50.0) / 1.5) ** 2)
    means = {
        "saturation": hsv[:, :, 1],
        "brightness": hsv[:, :, 2],
        "redness": red,
        "yellowness": yellow,
        "chroma": chroma,
        "lab_lightness": lightness,
        "warmth": warmth,
        "heaviness": heaviness,
        "activity": activity,
    }
    return {
        **looks,
        **{name: float(np.mean(plane)) for name, plane in means.items()},
        "brightness_spread": float(np.std(hsv[:, :, 2])),
    }


def _small(rgb: Plane) -> Plane:
    if rgb.shape[0] <= WORK_HEIGHT_PX:
        return rgb
    width = max(1, round(rgb.shape[1] * WORK_HEIGHT_PX / rgb.shape[0]))
    return np.asarray(cv2.resize(rgb, (width, WORK_HEIGHT_PX), interpolation=cv2.INTER_AREA), np.uint8)


_VALDEZ = "Valdez & Mehrabian 1994, J Exp Psychol Gen 123:394"

FORMULAS = (
    Formula(
        "Valdez-Mehrabian pleasure",
        ("valence",),
        f"{_VALDEZ}: P = .69 B + .22 S, B and S taken from HSV",
        lambda of: 0.69 * of["brightness"] + 0.22 * of["saturation"],
    ),
    Formula(
        "Valdez-Mehrabian pleasure, CIELAB",
        ("valence",),
        f"{_VALDEZ}: the same, B and S taken from L* and C*",
        lambda of: (0.69 * of["lab_lightness"] + 0.22 * of["chroma"]) / 100.0,
    ),
    Formula(
        "Valdez-Mehrabian arousal",
        ("arousal",),
        f"{_VALDEZ}: A = −.31 B + .60 S, B and S taken from HSV",
        lambda of: -0.31 * of["brightness"] + 0.60 * of["saturation"],
    ),
    Formula(
        "Valdez-Mehrabian arousal, CIELAB",
        ("arousal",),
        f"{_VALDEZ}: the same, B and S taken from L* and C*",
        lambda of: (-0.31 * of["lab_lightness"] + 0.60 * of["chroma"]) / 100.0,
    ),
    Formula(
        "Wilms-Oberfeld signs",
        AXES,
        "Wilms & Oberfeld 2018, Psychol Res 82:896: saturated and bright colours raise both; equal weights",
        lambda of: of["brightness"] + of["saturation"],
    ),
    Formula(
        "Ou activity",
        AXES,
        "Ou et al. 2004, passive to active (recalled), taken for arousal; active colours please in Pazda et al. 2024",
        lambda of: of["activity"],
    ),
    Formula(
        "Ou warmth",
        ("arousal",),
        "Ou et al. 2004, cool to warm (recalled); arousal rises from blue to red: Wilms & Oberfeld 2018",
        lambda of: of["warmth"],
    ),
    Formula(
        "Ou lightness of weight",
        ("valence",),
        "Ou et al. 2004, heavy to light (recalled), the sign turned; light colours please: Valdez & Mehrabian",
        lambda of: -of["heaviness"],
    ),
    Formula(
        "Hasler-Suesstrunk colourfulness",
        AXES,
        "Hasler & Süsstrunk 2003; its directions: Pazda, Thorstenson & Fetterman 2024, J Exp Psychol Gen 153:145",
        lambda of: of["colourfulness"],
    ),
    Formula(
        "lighting key",
        ("valence",),
        "Rasheed, Sheikh & Shah 2005 (recalled): mean times deviation of V; high in comedy, low in drama and horror",
        lambda of: of["brightness"] * of["brightness_spread"],
    ),
)
