"""What a download found, kept beside the files: the hashes that the table has not, and when they were seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pipeline.publish import write_text
from scoring.errors import CheckpointRefused

NAME = "cuesmith-lock.json"
_SCHEMA = "cuesmith.models-lock/1"


@dataclass(frozen=True, slots=True)
class LockedFile:
    """sha256: as the file had it when it was fetched. fetched: when, ISO 8601. in_table: the table has the same."""

    sha256: str
    size_bytes: int
    fetched: str
    in_table: bool


@dataclass(frozen=True, slots=True)
class Lock:
    """model: its name. revision: the commit the files came from, None where the publisher did not say."""

    model: str
    repository: str
    revision: str | None = None
    files: Mapping[str, LockedFile] = field(default_factory=dict)

    def with_file(self, path: str, file: LockedFile) -> Lock:
        """The lock with one more file, or another in its place."""
        return replace(self, files={**self.files, path: file})


def read_lock(folder: Path) -> Lock | None:
    """The lock in a folder, None where there is none. Raises CheckpointRefused for one that cannot be read."""
    path = folder / NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _broken(path, str(error)) from error
    try:
        return _lock(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _broken(path, f"{type(error).__name__}: {error}") from error


def write_lock(folder: Path, lock: Lock) -> None:
    """Raises DiskFull or OutputRefused."""
    document = {"schema": _SCHEMA, **asdict(lock)}
    write_text(folder / NAME, json.dumps(document, indent=2, sort_keys=True) + "\n")


def _lock(document: Any) -> Lock:
    if document.pop("schema") != _SCHEMA:
        raise ValueError("another schema")
    files = {path: LockedFile(**row) for path, row in document.pop("files").items()}
    lock = Lock(files=files, **document)
    for name in (lock.model, lock.repository, *(file.sha256 for file in files.values())):
        if not isinstance(name, str):
            raise TypeError(f"{name!r} is no text")
    return lock


def _broken(path: Path, why: str) -> CheckpointRefused:
    return CheckpointRefused(f"{path} cannot be read ({why})", "Fetch the model again with --force")
