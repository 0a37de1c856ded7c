"""Score several films, so many at once, each in a process of its own: what became of each."""

from __future__ import annotations

import queue
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from integrations.batch.child import Child, Message, stop_all
from scoring.errors import CapacityError, WorkerLost


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a film. exit_code: None where it was not begun, or stopped on the way.

    answer: what the command printed with --json: its result, or {"error": …}. said: what it wrote beside that.
    """

    film: Path
    exit_code: int | None
    answer: dict[str, Any]
    seconds: float = 0.0
    said: str = ""

    @property
    def error(self) -> str:
        """What went wrong, in one sentence; "" where nothing did."""
        return str(self.answer.get("error", {}).get("message", ""))


class Board(Protocol):
    """Shows how films are getting on."""

    def begun(self, number: int, film: Path) -> None:
        """A film has been begun."""

    def stage(self, number: int, name: str) -> None:
        """It has come to another stage."""

    def share(self, number: int, share: float) -> None:
        """So much of the stage is done, 0 to 1."""

    def note(self, number: int, text: str) -> None:
        """It has something to say."""

    def done(self, number: int, outcome: Outcome) -> None:
        """It has ended, one way or the other."""


@dataclass(slots=True)
class _Running:
    child: Child
    film: Path
    began_s: float


def run_films(
    films: Sequence[Path], arguments: Sequence[str], board: Board, *, jobs: int = 1, fail_fast: bool = False
) -> list[Outcome]:
    """Run `cuesmith ARGUMENTS -- FILM` for every film, in order, `jobs` at once; what became of each, in that order.

    A film that fails does not stop the others, unless fail_fast; then those that run are stopped, and the rest is not
    begun. However this ends, no process is left, and each has removed what it left half-made.
    """
    heard: queue.Queue[tuple[int, Message]] = queue.Queue()
    running: dict[int, _Running] = {}
    outcomes: dict[int, Outcome] = {}
    waiting = list(enumerate(films))[::-1]
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                number, film = waiting.pop()
                try:
                    child = Child(number, [*arguments, "--", str(film)], heard)
                except CapacityError as error:
                    outcomes[number] = Outcome(film, error.exit_code, _problem(error))
                    board.done(number, outcomes[number])
                    continue
                running[number] = _Running(child, film, time.monotonic())
                board.begun(number, film)
            if running:
                number, message = heard.get()
                ended = _heard(number, message, running[number], board)
                if ended is not None:
                    del running[number]
                    outcomes[number] = ended
                    board.done(number, ended)
            if fail_fast and any(outcome.exit_code for outcome in outcomes.values()):
                break
    finally:
        stop_all(one.child for one in running.values())
    return [outcomes.get(number) or Outcome(film, None, {}) for number, film in enumerate(films)]


def _heard(number: int, message: Message, one: _Running, board: Board) -> Outcome | None:
    """Pass on what a child says; its outcome when that is its last word."""
    if "stage" in message:
        board.stage(number, str(message["stage"]))
    elif "share" in message:
        board.share(number, float(message["share"]))
    elif "note" in message:
        board.note(number, str(message["note"]))
    elif "exit_code" in message or "lost" in message:
        one.child.wait()
        seconds = time.monotonic() - one.began_s
        if "lost" in message:
            error = WorkerLost(
                f"its process died: {message['lost']}", "Was it killed, or out of memory? Try fewer --jobs"
            )
            return Outcome(one.film, error.exit_code, _problem(error), seconds, one.child.stderr_text)
        answer = message["answer"] if isinstance(message["answer"], dict) else {}
        return Outcome(one.film, int(message["exit_code"]), answer, seconds, one.child.stderr_text)
    return None


def _problem(error: CapacityError | WorkerLost) -> dict[str, Any]:
    """An error as the command prints it with --json."""
    return {"error": {"kind": type(error).__name__, "message": str(error), "exit_code": error.exit_code}}
