"""The table of published files: repository, licence, revision, hash; and what hash a file here has."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from music_engine.ace_step.checkpoint.parts import PARTS

SINGLE_FILE = "single_file"
_BLOCK_BYTES = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Pin:
    """One published file. None is what nobody read in a source; verified: somebody compared it with the file itself.

    part: a part's name, or SINGLE_FILE. source: where the values come from.
    """

    part: str
    repository: str
    path: str
    verified: bool
    source: str
    licence: str | None = None
    revision: str | None = None
    sha256: str | None = None
    size_bytes: int | None = None


@cache
def pins() -> dict[str, Pin]:
    """The table, by part. Raises ValueError for a row that does not fit it."""
    data = resources.files("music_engine.ace_step") / "data" / "checkpoint_files.toml"
    return read_pins(tomllib.loads(data.read_text(encoding="utf-8")))


def read_pins(table: dict[str, Any]) -> dict[str, Pin]:
    """table: the data file, parsed. Raises ValueError with row and field."""
    if set(table) != {"files"}:
        raise ValueError(f"checkpoint_files.toml has {sorted(table)}, expected files alone")
    rows = {pin.part: pin for pin in map(_pin, table["files"])}
    if set(rows) != {*PARTS, SINGLE_FILE} or len(rows) != len(table["files"]):
        raise ValueError(f"checkpoint_files.toml has rows for {sorted(rows)}, expected one for each part")
    return rows


def sha256(path: Path, on_block: Callable[[int], None] = lambda done_bytes: None) -> str:
    """The file's hash, as hex. on_block: called with the bytes done so far."""
    found, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            found.update(block)
            done += len(block)
            on_block(done)
    return found.hexdigest()


def _pin(row: dict[str, Any]) -> Pin:
    known = {field.name: str(field.type) for field in fields(Pin)}
    for name, value in row.items():
        if name not in known:
            raise ValueError(f"checkpoint_files.toml: {name} is no field; there are {', '.join(known)}")
        kind = known[name].removesuffix(" | None")
        if type(value).__name__ != kind:
            raise ValueError(f"checkpoint_files.toml: {name} is {value!r}, expected {kind}")
    missing = [name for name in ("part", "repository", "path", "verified", "source") if name not in row]
    if missing:
        raise ValueError(f"checkpoint_files.toml: a row has no {missing[0]}")
    if "sha256" in row and not _SHA256.fullmatch(row["sha256"]):
        raise ValueError(f"checkpoint_files.toml: sha256 is {row['sha256']!r}, expected 64 hex digits")
    return Pin(**row)
