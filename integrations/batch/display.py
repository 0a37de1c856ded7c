"""How several films are getting on, on the terminal: a bar for each that runs, and one for all."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from integrations.batch.run import Outcome
from integrations.cli.progress import stage_words
from integrations.cli.text import one_line

_NAME_LETTERS = 24


class Display:
    """A board on stderr, so that stdout stays the command's answer; where that is no terminal, a line per film.

    count: of all films. console: another place to draw.
    """

    def __init__(self, count: int, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._is_terminal = self._console.is_terminal
        self._progress = Progress(
            TextColumn("{task.fields[film]:<24}"),
            TextColumn("{task.description:<24}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[done]:>7}"),
            TimeElapsedColumn(),
            console=self._console,
            disable=not self._is_terminal,
        )
        self._count = count
        self._ended = 0
        self._names: dict[int, str] = {}
        self._said: set[str] = set()
        self._tasks: dict[int, TaskID] = {}
        self._all = self._progress.add_task("", total=count, film=f"{count} films", done=f"0/{count}")

    def __enter__(self) -> Display:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._progress.stop()

    def begun(self, number: int, film: Path) -> None:
        """A bar for a film."""
        self._names[number] = one_line(film.name)
        name = self._names[number]
        shown = name if len(name) <= _NAME_LETTERS else f"{name[: _NAME_LETTERS - 1]}…"
        self._tasks[number] = self._progress.add_task("Starting", total=1.0, film=escape(shown), done="0 %")

    def stage(self, number: int, name: str) -> None:
        """The bar begins anew."""
        # Given one field, reset() would forget the others.
        self._progress.reset(self._tasks[number], total=1.0, description=stage_words(name))
        self._progress.update(self._tasks[number], done="0 %")

    def share(self, number: int, share: float) -> None:
        """So much of it is done."""
        self._progress.update(self._tasks[number], completed=share, done=f"{100 * share:.0f} %")

    def note(self, number: int, text: str) -> None:
        """One line above the bars, with the film's name; what another film has said is not said again."""
        if text in self._said:
            return
        self._said.add(text)
        self._console.print(f"[dim]{escape(f'{self._names[number]}: {one_line(text)}')}[/dim]", soft_wrap=True)

    def done(self, number: int, outcome: Outcome) -> None:
        """The film's bar goes, and the one for all moves."""
        self._ended += 1
        if number in self._tasks:
            self._progress.remove_task(self._tasks.pop(number))
        self._progress.update(self._all, completed=self._ended, done=f"{self._ended}/{self._count}")
        if not self._is_terminal:
            word = "done" if outcome.exit_code == 0 else "failed"
            name = escape(one_line(outcome.film.name))
            self._console.print(f"{self._ended}/{self._count} {name}: {word}, {outcome.seconds:.0f} s", soft_wrap=True)


class Nobody:
    """A board that shows nothing."""

    def begun(self, number: int, film: Path) -> None:
        """Ignore it."""

    def stage(self, number: int, name: str) -> None:
        """Ignore it."""

    def share(self, number: int, share: float) -> None:
        """Ignore it."""

    def note(self, number: int, text: str) -> None:
        """Ignore it."""

    def done(self, number: int, outcome: Outcome) -> None:
        """Ignore it."""
