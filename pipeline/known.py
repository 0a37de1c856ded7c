"""What somebody knows of a film before it is opened here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.watcher import Watcher
from pipeline.workspace import file_sha256


@dataclass(frozen=True, slots=True)
class Known:
    """Of a film that lies under a name of ours, or was looked at before. None means: not known, find out.

    title: its name as people know it, without a folder. sha256: of the file, hexadecimal. watcher: who read its
    pictures.
    """

    title: str | None = None
    sha256: str | None = None
    watcher: Watcher | None = None

    def title_of(self, film: Path) -> str:
        """What people call a film."""
        return self.title or film.name

    def place_of(self, film: Path, result: Path) -> Path:
        """Where people have the film: beside its result where it lies under a name of ours."""
        return film if self.title is None else result.with_name(self.title)

    def sha256_of(self, film: Path) -> str:
        """The film's SHA-256; reads the whole of it where it is not known."""
        return self.sha256 or file_sha256(film)
