"""Colours that people with any colour vision can tell apart, and what they stand for."""

from __future__ import annotations

import colorsys
import math

from scoring.moods import MOODS

Colour = tuple[float, float, float]  # red, green, blue, 0..1

# Okabe & Ito, "Color Universal Design" (2008): told apart in every common colour vision.
BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"

PAPER, INK, FAINT, LINE = "#FFFFFF", "#1C1E22", "#6A6F78", "#D9DCE1"
VALENCE, AROUSAL, TENSION = BLUE, VERMILION, "#5B5F66"
SPEECH, MUSIC, MOTION, SOUND, VOICE = BLUE, GREEN, "#7A828E", "#7A828E", PURPLE
CUT, PLACES = "#8A9099", ("#C9D6DF", "#E3DCCB")

# A feeling's colour, design choice: a direction on the circumplex has a hue, its strength is how far it is from grey.
# The four are further apart for people without one of the long-wave cones than any four of Okabe and Ito's that fit.
_DIRECTIONS: tuple[tuple[float, str], ...] = (
    (45.0, "#EBB13A"),  # pleasant and lively: amber
    (135.0, "#C5432B"),  # unpleasant and lively: brick
    (225.0, "#2F5F9E"),  # unpleasant and quiet: navy
    (315.0, "#4DB3A2"),  # pleasant and quiet: teal
)
_GREY, _FULL_AT = "#B4B8BE", 0.6


def rgb(code: str) -> Colour:
    """A "#RRGGBB" as three shares."""
    return (int(code[1:3], 16) / 255, int(code[3:5], 16) / 255, int(code[5:7], 16) / 255)


def feeling_colour(valence: float, arousal: float) -> Colour:
    """The colour of a feeling: its direction's hue, towards grey where the feeling is weak. valence, arousal: −1..1."""
    degrees = math.degrees(math.atan2(arousal, valence)) % 360.0
    stops = [*_DIRECTIONS, (_DIRECTIONS[0][0] + 360.0, _DIRECTIONS[0][1])]
    degrees = degrees if degrees >= stops[0][0] else degrees + 360.0
    low = max(i for i, (at, _) in enumerate(stops[:-1]) if at <= degrees)
    share = (degrees - stops[low][0]) / (stops[low + 1][0] - stops[low][0])
    hue = mixed(rgb(stops[low][1]), rgb(stops[low + 1][1]), share)
    return mixed(rgb(_GREY), hue, min(1.0, math.hypot(valence, arousal) / _FULL_AT))


def mood_colour(name: str) -> Colour:
    """The colour of a mood, the same in every picture: of its place where it has one, else drawn from its name."""
    mood = MOODS.get(name)
    if mood is not None:
        return feeling_colour(mood.valence, mood.arousal)
    spread = sum((i + 1) * ord(c) for i, c in enumerate(name)) % 360
    return colorsys.hls_to_rgb(spread / 360, 0.62, 0.45)


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """Between two colours: the first at share 0, the second at 1."""
    red, green, blue = ((1.0 - share) * a + share * b for a, b in zip(first, second, strict=True))
    return (red, green, blue)


def ink_on(colour: Colour) -> str:
    """Dark or light, whichever reads better. By WCAG 2.2's relative luminance and contrast ratio."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return PAPER if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.06 else INK
