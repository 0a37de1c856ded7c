"""The names of markers' colours in files that write numbers; the numbers lie in data/colours.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


def premiere_colour(number: int) -> str:
    """The name of a colour as Premiere Pro writes it, alpha, blue, green and red from the top."""
    named: str = _table()["premiere"].get(str(number), "")
    return named or nearest_colour((number & 255, number >> 8 & 255, number >> 16 & 255))


def nearest_colour(rgb: tuple[int, int, int]) -> str:
    """The nearest of Resolve's colours, 0..255 each."""
    known: dict[str, list[int]] = _table()["resolve"]
    return min(known, key=lambda name: sum((a - b) ** 2 for a, b in zip(known[name], rgb, strict=True)))


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("data/colours.toml").read_text(encoding="utf-8"))
