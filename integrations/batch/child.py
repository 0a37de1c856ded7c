"""One film's process, from the side that started it. No other module of the command starts processes of Cuesmith."""

from __future__ import annotations

import contextlib
import json
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from typing import IO, Any

from scoring.errors import CapacityError

_MODULE = "integrations.batch.teller"
_STDERR_KEPT_BYTES = 64 * 1024
_PATIENCE_S = 20.0  # for a child that was told to stop: it ends its ffmpeg and removes what is half-made

Message = dict[str, Any]  # as teller writes it, or {"lost": why} when the process ended without its answer


class Child:
    """A running command. name: by which its messages are told apart, in the queue that several children fill.

    Raises CapacityError when the system starts no process.
    """

    def __init__(self, name: int, arguments: Sequence[str], heard: queue.Queue[tuple[int, Message]]) -> None:
        self._name = name
        self._heard = heard
        self._stderr = bytearray()
        try:
            self._process = subprocess.Popen(
                # -P: the folder that the films lie in is no place to import from.
                [sys.executable, "-P", "-m", _MODULE, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                **_apart(),
            )
        except OSError as error:
            raise CapacityError(
                f"the system starts no process: {error.strerror}", "Ask for fewer --jobs, or free some memory"
            ) from error
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._listen, self._collect)]
        for thread in self._threads:
            thread.start()

    @property
    def stderr_text(self) -> str:
        """The last 64 KiB of what the child said beside its messages; undecodable bytes replaced."""
        return self._stderr.decode("utf-8", "replace")

    def tell_to_stop(self) -> None:
        """As Ctrl-C would: it ends what it has started, and removes what is half-made."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def wait(self, until_s: float | None = None) -> None:
        """Wait for its end; on a clock of time.monotonic, past which it is killed. None: as long as it takes."""
        try:
            self._process.wait(None if until_s is None else max(0.0, until_s - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for thread in self._threads:
            thread.join()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _listen(self) -> None:
        answered = False
        for message in _messages(self._process.stdout):
            answered = answered or "exit_code" in message
            self._heard.put((self._name, message))
        if not answered:
            self._heard.put((self._name, {"lost": _why(self._process.wait())}))

    def _collect(self) -> None:
        assert self._process.stderr is not None
        while block := self._process.stderr.read1(8192):  # type: ignore[attr-defined]
            self._stderr += block
            del self._stderr[:-_STDERR_KEPT_BYTES]


def stop_all(children: Iterable[Child]) -> None:
    """Tell every child to stop, then wait for all of them; one that does not end in time is killed."""
    running = list(children)
    for child in running:
        child.tell_to_stop()
    until_s = time.monotonic() + _PATIENCE_S
    for child in running:
        child.wait(until_s)


def _messages(lines: IO[bytes] | None) -> Iterable[Message]:
    for line in lines or ():
        with contextlib.suppress(ValueError):  # half a line of a process that was killed
            message = json.loads(line)
            if isinstance(message, dict):
                yield message


def _why(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"


def _apart() -> dict[str, Any]:
    """A Ctrl-C in the terminal is for the process that reads it, which then tells its children."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}
