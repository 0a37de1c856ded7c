"""One fetch at a time into a folder: two would write into the same part."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.models.part import writable
from scoring.errors import FetchFailed

_NAME = ".cuesmith-fetching"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder; the system lets go of it whatever becomes of us. Raises FetchFailed where another run holds it."""
    with writable(folder / _NAME):
        file = (folder / _NAME).open("ab")
    with file:
        if not _lock(file.fileno()):
            raise FetchFailed(f"another run is fetching into {folder}", "Wait until it is done, and run again")
        yield


def _lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
