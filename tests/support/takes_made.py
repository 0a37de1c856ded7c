"""A film scored several times, and what the run said while it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.takes.take import Takes

HOSTILE_NAME = "Ä <b>\"q\" & 'a' 100%#?.mp4"


class Watching:
    """An observer that remembers what it is told."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.notes: list[str] = []

    def stage(self, name: str) -> Callable[[float], None]:
        self.stages.append(name)
        return lambda share: None

    def note(self, text: str) -> None:
        self.notes.append(text)


@dataclass(frozen=True)
class Made:
    """A film, its takes, and what the run said."""

    film: Path
    takes: Takes
    said: Watching
