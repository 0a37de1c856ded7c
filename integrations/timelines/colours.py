"""The colours of markers, as each program names them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, get_args

# cue: music begins. hit: it lands on the picture. duck: it goes down under speech. unsure: its mood is a guess.
Role = Literal["cue", "hit", "duck", "unsure"]


@dataclass(frozen=True, slots=True)
class Colour:
    """resolve, otio: its names there; rgb: 0..255 each; premiere: its number there; is_task: as the data say."""

    resolve: str
    otio: str
    rgb: tuple[int, int, int]
    premiere: int
    is_task: bool


@cache
def colours() -> dict[Role, Colour]:
    """Every row of data/colours.toml."""
    text = (resources.files("integrations") / "timelines" / "data" / "colours.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)
    return {role: Colour(**(rows[role] | {"rgb": tuple(rows[role]["rgb"])})) for role in get_args(Role)}
