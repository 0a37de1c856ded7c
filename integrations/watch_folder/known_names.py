"""The names that mean something in a watch folder, from data/names.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

SETTINGS_NAME = "watch.toml"


@dataclass(frozen=True, slots=True)
class KnownNames:
    """films, unfinished, folders_of_others: patterns of names, as fnmatch reads them, in lower case.

    reserved: names that Windows takes for a device, upper case. forbidden: characters that it allows in no name.
    side_cars: kind → what the names of such files end in, the first found counts.
    """

    films: tuple[str, ...]
    unfinished: tuple[str, ...]
    folders_of_others: tuple[str, ...]
    reserved: frozenset[str]
    forbidden: frozenset[str]
    side_cars: Mapping[str, tuple[str, ...]]


@cache
def known_names() -> KnownNames:
    """The table."""
    text = (resources.files("integrations") / "watch_folder" / "data" / "names.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return KnownNames(
        films=_lower(table["films"]),
        unfinished=_lower(table["unfinished"]),
        folders_of_others=_lower(table["folders_of_others"]),
        reserved=frozenset(table["reserved"]),
        forbidden=frozenset(table["forbidden"]),
        side_cars={kind: tuple(endings) for kind, endings in table["side_cars"].items()},
    )


def _lower(patterns: list[str]) -> tuple[str, ...]:
    return tuple(pattern.lower() for pattern in patterns)
