"""Hints that something happened in a folder. Only hints: what is true is what a look finds."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from integrations.service.logs import logger

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver

_TELLING = ("created", "moved", "closed")


@dataclass(frozen=True, slots=True)
class Hints:
    """observer: None where the system gives no hints. place: which folder is listened to, wherever its path leads."""

    root: Path
    observer: BaseObserver | None
    place: tuple[int, int] | None

    def are_coming(self) -> bool:
        """Whether the folder that is watched is still the one at the path, and somebody still listens."""
        if self.observer is None or not self.observer.is_alive():
            return False
        return self.place == _place(self.root) and all(emitter.is_alive() for emitter in self.observer.emitters)


@contextmanager
def hints(root: Path, wake: Callable[[], None]) -> Iterator[Hints]:
    """While the block runs, wake when something was made, moved or closed after writing below the root.

    Nothing is raised when there are none: a network share has none, and a system has a limit to how many folders it
    watches. Whoever looks at intervals misses nothing.
    """
    observer = None
    try:
        observer = _observer(root, wake)
    except Exception as error:  # the rim of another library: whatever ails it, polling goes on
        logger(__name__).warning("no hints from the system: polling alone", root=str(root), error=str(error))
    try:
        yield Hints(root, observer, _place(root))
    finally:
        if observer is not None:
            with contextlib.suppress(Exception):  # it has ended by itself
                observer.stop()
                observer.join(5.0)


def _observer(root: Path, wake: Callable[[], None]) -> BaseObserver:
    from watchdog.events import FileSystemEventHandler
    from watchdog.observers import Observer

    class Handler(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            if event.event_type in _TELLING:
                wake()

    observer = Observer()
    observer.schedule(Handler(), str(root), recursive=True)
    observer.start()
    return observer


def _place(root: Path) -> tuple[int, int] | None:
    try:
        found = root.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
