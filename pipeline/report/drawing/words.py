"""Figures and counts as people read them."""

from __future__ import annotations

import math

_FINE = {"LUFS": 1, "LU": 1, "dB": 1, "dBTP": 1, "dBFS": 1, "ms": 1, "%": 1, "s": 2}


def count(number: int, thing: str, things: str = "") -> str:
    """How many of a thing: "1 cue", "3 cues". things: where the plural is not made with an s."""
    return f"{number} {thing if number == 1 else things or thing + 's'}"


def figure(value: float, unit: str = "") -> str:
    """A measured value, as fine as its unit is worth; a true minus sign."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "−∞" if value < 0 else "∞"
    places = _FINE.get(unit, 0 if value == round(value) and abs(value) < 1e6 else 2)
    if abs(value) >= 1000 and places > 0:
        places = 0
    text = f"{value:.{places}f}"
    return ("0" + text[2:] if text.strip("-0.") == "" and text.startswith("-0") else text).replace("-", "−")


def with_unit(value: float, unit: str) -> str:
    """A value and its unit."""
    shown = figure(value, unit)
    if unit in ("", "share"):
        return shown
    return f"{shown} {unit}"
