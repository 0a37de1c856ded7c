"""What a child process may use, and how it is ended. The one module that knows POSIX from the rest.

| system  | what a child gets |
|---|---|
| Linux   | address space, processor time, file size, open files, core dumps limited; own process group; no
|         | network, where the kernel lets an ordinary user make a namespace |
| macOS   | the same calls, of which the kernel ignores the address-space limit; own process group |
| Windows | no resource limits; own process group; ended through its handle. Wall-clock limits still hold |
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

if sys.platform != "win32":
    import resource


DESCRIPTION = {
    "linux": "memory, processor time, file size and open files are limited",
    "darwin": "processor time, file size and open files are limited; memory is not (the system ignores it)",
}.get(sys.platform, "no resource limits on this system; wall-clock limits hold")


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """processor_s: of all threads together. written_bytes: largest file it may write. None: not limited."""

    memory_bytes: int
    open_files: int
    processor_s: int
    written_bytes: int | None = None


@cache
def without_network() -> tuple[str, ...]:
    """What to put before a command so that it has no network; empty where the system offers nothing for that.

    A user and a network namespace of its own need no privilege on most Linux systems; some containers and hardened
    kernels refuse, so it is tried once.
    """
    unshare = shutil.which("unshare") if sys.platform == "linux" else None
    if unshare is None:
        return ()
    prefix = (unshare, "--map-root-user", "--net")
    tried = subprocess.run([*prefix, "true"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return prefix if tried.returncode == 0 else ()


def popen_arguments(limits: ChildLimits) -> dict[str, Any]:
    """Keyword arguments of subprocess.Popen that put a child in its own group and, off Linux, limit it."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    if sys.platform == "linux":
        return {"start_new_session": True}
    return {"start_new_session": True, "preexec_fn": _limiter(limits)}


def limit(process: subprocess.Popen[bytes], limits: ChildLimits) -> None:
    """Limit a child that has just started (Linux; elsewhere it was limited before it started, or cannot be).

    prlimit on the running child avoids running Python between fork and exec, which can deadlock when other
    threads are alive.
    """
    if sys.platform != "linux":
        return
    for which, value in _table(limits):
        try:
            resource.prlimit(process.pid, which, (value, value))
        except ProcessLookupError:
            return  # it has already ended


def end(process: subprocess.Popen[bytes]) -> None:
    """End a child and whatever it started, at once, and reap it."""
    if process.poll() is None:
        try:
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it ended between the two calls
    process.wait()


def _table(limits: ChildLimits) -> list[tuple[int, int]]:
    if sys.platform == "win32":
        return []
    rows = [
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.processor_s),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ]
    if limits.written_bytes is not None:
        rows.append((resource.RLIMIT_FSIZE, limits.written_bytes))
    return rows


def _limiter(limits: ChildLimits) -> Callable[[], None]:
    rows = _table(limits)

    def apply() -> None:
        for which, value in rows:
            resource.setrlimit(which, (value, value))

    return apply
