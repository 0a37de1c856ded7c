"""Loaded by the Python of a worker that has this folder on its path: units whose prompt names a poison die of it.

Only what children are forked from is changed: a child behaves as one does whose unit kills it, at every attempt.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import time
from typing import Any

import psutil

MARGIN_BYTES = 64 << 20


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def crash() -> None:
    ctypes.string_at(0)


def memory() -> None:
    """More than the limit that a container or an operator sets."""
    used_bytes = psutil.Process().memory_info().vms
    resource.setrlimit(resource.RLIMIT_AS, (used_bytes + MARGIN_BYTES, resource.getrlimit(resource.RLIMIT_AS)[1]))
    bytearray(4 * MARGIN_BYTES)


def hang() -> None:
    time.sleep(3600)


def leave() -> None:
    """As a library does that calls exit()."""
    os._exit(7)


POISONS = {"kill": kill, "crash": crash, "memory": memory, "hang": hang, "leave": leave}

if any("multiprocessing.forkserver" in word for word in sys.orig_argv):
    from integrations.work import performing

    real = performing.perform

    def perform(tasks: Any, **how: Any) -> Any:
        """As perform, unless one of the tasks is poisonous."""
        for task in tasks:
            poison = task.order.get("music", {}).get("prompt", "").partition("poison: ")[2]
            if poison:
                POISONS[poison]()
        return real(tasks, **how)

    performing.perform = perform
