"""Start, watch and end one child process. No other module of the project starts processes."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

from pipeline.media import limits as child_limits
from pipeline.media.limits import ChildLimits
from pipeline.settings import child_environment
from scoring.errors import DiskFull, MediaToolError

_STDERR_KEPT_BYTES = 64 * 1024
_WATCH_INTERVAL_S = 1.0


class Child:
    """A running child process, used as a context manager: leaving the block ends it, whatever happened.

    touch() says that something moved; a child that nothing moves for stall_s seconds is ended, and finish()
    then says so.
    """

    def __init__(self, argv: Sequence[str], *, limits: ChildLimits, stall_s: float, wants_input: bool = False) -> None:
        self._process = subprocess.Popen(
            [*child_limits.without_network(), *argv],
            stdin=subprocess.PIPE if wants_input else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=Path(argv[0]).anchor or None,
            env=child_environment(),
            **child_limits.popen_arguments(limits),
        )
        child_limits.limit(self._process, limits)
        self._name = Path(argv[0]).stem
        self._stall_s = stall_s
        self._stderr = bytearray()
        self._moved_s = time.monotonic()
        self._stalled = False
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._collect, daemon=True),
            threading.Thread(target=self._watch, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Child:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        child_limits.end(self._process)
        self._over.set()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):  # a broken pipe: the child is gone, as it should be
                    stream.close()
        for thread in self._threads:
            thread.join()
        if self._process.stderr is not None:
            self._process.stderr.close()

    @property
    def stdout(self) -> IO[bytes]:
        """What the child writes."""
        assert self._process.stdout is not None
        return self._process.stdout

    @property
    def stdin(self) -> IO[bytes]:
        """What the child reads; only with wants_input."""
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def stderr_text(self) -> str:
        """The last 64 KiB of the child's messages; undecodable bytes replaced."""
        return self._stderr.decode("utf-8", "replace")

    def touch(self) -> None:
        """Something moved: start the stall clock anew."""
        self._moved_s = time.monotonic()

    def finish(self) -> str:
        """Wait for the child to end by itself and return its messages.

        Raises MediaToolError when it failed or stalled, DiskFull when the disk was the reason.
        """
        if self._process.stdin is not None and not self._process.stdin.closed:
            with contextlib.suppress(BrokenPipeError):  # the exit code below says why
                self._process.stdin.close()
        code = self._process.wait()
        self._threads[0].join()
        text = self.stderr_text
        if self._stalled:
            raise MediaToolError(
                f"{self._name} moved nothing for {self._stall_s:g} s and was ended", "Try again; is the disk reachable?"
            )
        if "No space left on device" in text or "Disk quota exceeded" in text:
            raise DiskFull("the disk is full", "Free some space and run again; what was finished is reused")
        if code:
            raise MediaToolError(f"{self._name} ended with code {code}: {last_line(text)}", "Run with --debug for more")
        return text

    def _collect(self) -> None:
        assert self._process.stderr is not None
        while block := self._process.stderr.read1(8192):  # type: ignore[attr-defined]
            self._stderr += block
            del self._stderr[:-_STDERR_KEPT_BYTES]

    def _watch(self) -> None:
        while not self._over.wait(_WATCH_INTERVAL_S):
            if self._process.poll() is not None:
                return
            if time.monotonic() - self._moved_s > self._stall_s:
                self._stalled = True
                child_limits.end(self._process)
                return


def last_line(text: str) -> str:
    """The last line of a program's messages that says something."""
    lines = [line.strip() for line in text.replace("\r", "\n").splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it said nothing"
