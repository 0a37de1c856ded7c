"""What a watch says: a line for people on standard output for each thing that becomes of a film, JSON lines in the log.

What is in the way is said once, and again when it has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from integrations.service.logs import logger
from integrations.watch_folder.names import shown


class Teller:
    """say: prints a line."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._log = logger(__name__)
        self._told: dict[str, str] = {}
        self.counts = {"scored": 0, "refused": 0}

    def found(self, path: Path) -> None:
        """A film is there that was not."""
        self._line("found", path, "")

    def settled(self, path: Path) -> None:
        """It stands still. For the log alone: whether it is a film is not known yet."""
        self._log.info("settled", film=shown(path))

    def scoring(self, path: Path, job_id: str, *, is_new: bool) -> None:
        """It was taken."""
        self._line("scoring", path, f" ({job_id})" if is_new else f" ({job_id}, the same film)", job=job_id)

    def scored(self, path: Path, result: Path) -> None:
        """Its results are there."""
        self.counts["scored"] += 1
        self._line("scored", path, f" → {shown(result)}", result=str(result))

    def unchanged(self, path: Path) -> None:
        """It was touched, and is the film that it was."""
        self._line("unchanged", path, "")

    def refused(self, path: Path, reason: str) -> None:
        """It is not taken, or its job failed."""
        self.counts["refused"] += 1
        line = shown(". ".join(reason.splitlines()))
        self._line("refused", path, f": {line}", reason=line)

    def note(self, path: Path, text: str) -> None:
        """What somebody should know of a film."""
        self._line("note", path, f": {shown(text)}", note=shown(text))

    def trouble(self, where: str, text: str) -> None:
        """Something is in the way and we wait. where: what it is about; said again only when the text is another."""
        if self._told.get(where) != text:
            self._told[where] = text
            self._line("waiting", Path(where), f": {shown(text)}", warns=True, reason=shown(text))

    def over(self, where: str) -> None:
        """It is no longer in the way."""
        self._told.pop(where, None)

    def _line(self, event: str, path: Path, rest: str, *, warns: bool = False, **fields: str) -> None:
        name = shown(path)
        (self._log.warning if warns else self._log.info)(event, film=name, **fields)
        self._say(f"{event:<9} {name}{rest}")
