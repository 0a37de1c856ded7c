"""The table of published files: repository, licence, revision, hash; and what hash a file here has."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from music_engine.ace_step.checkpoint.parts import PARTS
from scoring.pins import PinnedFile, read_pin

SINGLE_FILE = "single_file"
_TABLE = "checkpoint_files.toml"
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin(PinnedFile):
    """One published file of weights. part: a part's name, or SINGLE_FILE."""

    part: str


@cache
def pins() -> dict[str, Pin]:
    """The weights, by part. Raises ValueError for a row that does not fit the table."""
    return read_pins(_table())


@cache
def published_folder() -> tuple[PinnedFile, ...]:
    """Every file of the published layout that is read: the parts' weights, their configurations, the tokenizer."""
    parts = tuple(pin for part, pin in pins().items() if part != SINGLE_FILE)
    return parts + tuple(read_pin(row, PinnedFile, _TABLE) for row in _table()["companions"])


def read_pins(table: dict[str, Any]) -> dict[str, Pin]:
    """The weights of the data file, parsed. Raises ValueError with row and field."""
    if set(table) - {"companions"} != {"files"}:
        raise ValueError(f"{_TABLE} has {sorted(table)}, expected files and companions")
    rows = {pin.part: pin for pin in (read_pin(row, Pin, _TABLE) for row in table["files"])}
    if set(rows) != {*PARTS, SINGLE_FILE} or len(rows) != len(table["files"]):
        raise ValueError(f"{_TABLE} has rows for {sorted(rows)}, expected one for each part")
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


def _table() -> dict[str, Any]:
    data = resources.files("music_engine.ace_step") / "data" / _TABLE
    return tomllib.loads(data.read_text(encoding="utf-8"))
