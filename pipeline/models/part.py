"""A file that is being fetched: what of it is there, and what the rest must go with."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pipeline.models.store import PART_SUFFIX
from pipeline.publish import refusing, write_text
from scoring.errors import OutputRefused

if TYPE_CHECKING:
    from hashlib import _Hash

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """size_bytes: how much is there. etag: of the file it is the beginning of; None where there is nothing to go on."""

    size_bytes: int
    etag: str | None


class Part:
    """NAME.part beside the place of a file, and NAME.part.json with the tag of what it is a part of."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.path = target.with_name(target.name + PART_SUFFIX)
        self._tag = self.path.with_name(self.path.name + ".json")

    def kept(self) -> Kept:
        """What an earlier try left."""
        try:
            etag = json.loads(self._tag.read_text(encoding="utf-8"))["etag"]
            size_bytes = self.path.stat().st_size
        except (OSError, ValueError, KeyError, TypeError):
            return Kept(0, None)
        return Kept(size_bytes, etag) if isinstance(etag, str) and size_bytes else Kept(0, None)

    @contextmanager
    def appended(self, start_bytes: int, etag: str | None) -> Iterator[tuple[BinaryIO, _Hash]]:
        """A file to write on with from start_bytes, and the hash of what is before. Flushed to the disk at the end.

        Raises DiskFull, with what there is kept, or OutputRefused.
        """
        with writable(self.target):
            self.target.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("r+b" if start_bytes else "wb") as file:
                found = _hash_of(file, start_bytes)
                self._remember(etag)
                try:
                    yield file, found
                finally:
                    file.flush()
                    os.fsync(file.fileno())

    def publish(self) -> None:
        """The whole file, into its place."""
        with writable(self.target):
            self.path.replace(self.target)
            self._tag.unlink(missing_ok=True)

    def remove(self) -> None:
        """Nothing of it stays."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
            self._tag.unlink(missing_ok=True)

    def _remember(self, etag: str | None) -> None:
        if etag is None:
            self._tag.unlink(missing_ok=True)
        else:
            write_text(self._tag, json.dumps({"etag": etag}))


@contextmanager
def writable(path: Path) -> Iterator[None]:
    """As pipeline.publish.refusing, with what helps here."""
    try:
        with refusing(path):
            yield
    except OutputRefused as error:
        raise OutputRefused(error.what, "Set CUESMITH_MODELS to a folder that can be written to") from error


def _hash_of(file: BinaryIO, size_bytes: int) -> _Hash:
    found, left = hashlib.sha256(), size_bytes
    while left and (block := file.read(min(left, _BLOCK_BYTES))):
        found.update(block)
        left -= len(block)
    return found
