"""How a run is getting on, on the terminal: one bar per stage with the time left."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from integrations.cli.text import one_line

_WORDS = {
    "analyse": "Watching and listening",
    "spot": "Spotting",
    "compose": "Composing",
    "mix": "Laying the music",
    "master": "Mixing and mastering",
    "deliver": "Delivering",
    "measure": "Measuring",
    "listen": "Listening",
    "compare": "Comparing the takes",
    "review": "Drawing the review copy",
}


def stage_words(name: str) -> str:
    """A stage as people call it: "Composing 2/3" for "compose 2/3"."""
    stage, _, take = name.partition(" ")
    return f"{_WORDS.get(stage, stage)} {take}".strip()


class Bars:
    """An observer that draws on stderr, so that stdout stays the command's answer."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description:<26}"),
            BarColumn(bar_width=32),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self._console,
            disable=not sys.stderr.isatty(),
        )
        self._running: TaskID | None = None

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if error is None:
            self._finish()
        self._progress.stop()

    def stage(self, name: str) -> Callable[[float], None]:
        """A new bar; the one before is full."""
        self._finish()
        task = self._running = self._progress.add_task(stage_words(name), total=1.0)
        return lambda share: self._progress.update(task, completed=share)

    def note(self, text: str) -> None:
        """One line above the bars."""
        self._console.print(f"[dim]{escape(one_line(text))}[/dim]", highlight=False, soft_wrap=True)

    def _finish(self) -> None:
        if self._running is not None:
            self._progress.update(self._running, completed=1.0)
            self._running = None
