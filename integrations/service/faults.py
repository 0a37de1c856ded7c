"""Fault points: named places right before something becomes durable, at which a test can end the process.

`checkpoint(name)` does nothing unless CUESMITH_CRASH_AT says "name" or "name@/path/of/a/flag", of several with ";"
between them; then the process ends as by `kill -9`. With a flag only the process that can make the file ends, so that
the next attempt gets past.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

from pipeline.settings import environment

VARIABLE = "CUESMITH_CRASH_AT"


def checkpoint(name: str) -> None:
    """End the process here when the environment says so."""
    for where in environment().get(VARIABLE, "").split(";"):
        wanted, _, flag = where.partition("@")
        if wanted == name and (not flag or _is_first(Path(flag))):
            os.kill(os.getpid(), signal.SIGKILL)


def _is_first(flag: Path) -> bool:
    try:
        flag.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
