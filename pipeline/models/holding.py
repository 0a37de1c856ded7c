"""One fetch at a time into a folder: two would write into the same part."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.models.part import writable
from scoring.errors import FetchFailed

_NAME = ".cuesmith-fetching"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder, made if need be; the system lets go of it whatever becomes of us.

    A folder that nothing was put into goes again. Raises FetchFailed where another run holds it, OutputRefused where
    there can be no such folder.
    """
    with writable(folder / _NAME):
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / _NAME).open("ab")
    with file:
        if not lock_file(file.fileno()):
            raise FetchFailed(f"another run is fetching into {folder}", "Wait until it is done, and run again")
        try:
            yield
        finally:
            _leave(folder)


def _leave(folder: Path) -> None:
    """While it is held: whoever comes now makes a new mark and holds that."""
    with contextlib.suppress(OSError):  # on Windows an open file stays, and the folder with it
        (folder / _NAME).unlink()
        for inside in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
            with contextlib.suppress(OSError):  # not empty
                inside.rmdir()
        folder.rmdir()


def lock_file(handle: int) -> bool:
    """Lock an open file for this process alone, until it is closed; whether that worked."""
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
