"""The processes below one of ours: found, and ended. Nothing of a unit may outlive it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Iterable

import psutil

_SET_CHILD_SUBREAPER = 36  # prctl(2), Linux
_WAIT_S = 2.0


def adopt_orphans() -> bool:
    """From now on processes whose parent died below us become our children, so that they can be found; Linux only.

    A child process that is killed leaves its ffmpeg behind; otherwise the system's first process would get that.
    """
    if sys.platform != "linux":
        return False
    return bool(ctypes.CDLL(None, use_errno=True).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)


def below(pid: int) -> list[psutil.Process]:
    """Every process below one, as it is now; none when that is gone."""
    try:
        found: list[psutil.Process] = psutil.Process(pid).children(recursive=True)
        return found
    except psutil.NoSuchProcess:
        return []


def end(processes: Iterable[psutil.Process]) -> None:
    """Kill processes and wait until they are gone."""
    family = list(processes)
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(family, timeout=_WAIT_S)


def end_orphans(keep: Iterable[int]) -> int:
    """Kill what was adopted; how many that were. keep: the ids of our own direct children."""
    ours = set(keep)
    me = psutil.Process()
    orphans = [child for child in me.children() if child.pid not in ours]
    for orphan in orphans:
        end([*below(orphan.pid), orphan])
        with contextlib.suppress(ChildProcessError):
            os.waitpid(orphan.pid, os.WNOHANG)
    return len(orphans)


def end_self_and_below() -> None:
    """The last act of a child whose supervisor is gone."""
    end(below(os.getpid()))
    os.kill(os.getpid(), signal.SIGKILL)
