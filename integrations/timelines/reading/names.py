"""What editors' programs call things that a timeline's pictures depend on; the words lie in data/names.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources


@cache
def _words() -> dict[str, tuple[str, ...]]:
    text = resources.files(__package__).joinpath("data/names.toml").read_text(encoding="utf-8")
    return {name: tuple(words) for name, words in tomllib.loads(text).items()}


def is_dip(*names: str | None) -> bool:
    """Whether a transition goes through a plain colour."""
    return _has("dips", names)


def is_blank(*names: str | None) -> bool:
    """Whether a clip or generator shows nothing: black, slug, filler."""
    return any((name or "").strip().casefold() in _words()["blanks"] for name in names)


def is_overlay(*names: str | None) -> bool:
    """Whether a clip above others changes how they look and shows nothing of its own: an adjustment layer."""
    return _has("overlays", names)


def _has(table: str, names: tuple[str | None, ...]) -> bool:
    return any(word in (name or "").casefold() for name in names for word in _words()[table])
