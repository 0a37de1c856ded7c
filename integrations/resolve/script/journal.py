"""What was begun and is to be taken back, and what was borrowed and is to be put back."""

from collections.abc import Callable
from typing import Any

from integrations.resolve.script.asking import TRIES


class Journal:
    """Steps that undo, each of which says whether it is done: it looks, and does it where it is not."""

    def __init__(self) -> None:
        self._begun: list[tuple[str, Callable[[], Any]]] = []
        self._borrowed: list[tuple[str, Callable[[], Any]]] = []

    def begun(self, what: str, undo: "Callable[[], Any]") -> None:
        """To be undone if the whole does not succeed."""
        self._begun.append((what, undo))

    def borrowed(self, what: str, give: "Callable[[], Any]") -> None:
        """To be given back in any case."""
        self._borrowed.append((what, give))

    def put_back(self) -> "list[str]":
        """Give back what was borrowed; what could not be."""
        return _run(self._borrowed)

    def take_back(self) -> "list[str]":
        """Undo everything; what could not be."""
        return [*_run(self._begun), *_run(self._borrowed)]


def _run(steps: "list[tuple[str, Callable[[], Any]]]") -> "list[str]":
    left = []
    while steps:
        what, step = steps.pop()
        if not _done(step):
            left.append(what)
    return left


def _done(step: "Callable[[], Any]") -> bool:
    for _ in range(TRIES):
        try:
            if step():
                return True
        except (Exception, KeyboardInterrupt):  # tried again; what stays undone is told to the user
            continue
    return False
