"""A TOML file, read with care: small, text, and refused with the line that is wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from integrations.watch_folder.names import shown
from integrations.watch_folder.said import read_file
from scoring.errors import ConfigError


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a file; none for an empty one. Raises ConfigError."""
    try:
        if not path.stat().st_size:
            return {}
    except OSError as error:
        raise ConfigError(f"{shown(path)} cannot be read: {error.strerror}", "Check the path") from error
    text = read_file(path, "settings", any_encoding=False)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        advice = "Mend it; a path with backslashes goes into 'single quotes'"
        raise ConfigError(f"{shown(path)} is not TOML: {shown(str(error))}", advice) from error
    except RecursionError as error:
        raise ConfigError(f"{shown(path)} is nested too deep", "Three levels are all that is needed") from error


def only(where: str, table: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raise ConfigError for a key that is not known."""
    names = list(known)
    for key, value in table.items():
        if key not in names:
            found = shown(repr(value))
            raise ConfigError(f"{where}: {shown(key)} = {found[:80]} is not known", f"Known: {', '.join(names)}")


def table_of(where: str, value: object) -> dict[str, Any]:
    """A table. Raises ConfigError for anything else."""
    if not isinstance(value, dict):
        raise ConfigError(f"{where} is {shown(repr(value))[:80]}", "Give a table: key = value, below its name in []")
    return value
