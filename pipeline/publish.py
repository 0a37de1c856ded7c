"""The one place that puts files where people find them: written aside, checked, flushed, renamed."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scoring.errors import DiskFull, OutputRefused

_FULL = {errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC}


@contextmanager
def published(path: Path) -> Iterator[Path]:
    """Give a path beside `path` to write to; rename it to `path` when the block ends well, remove it when not.

    Raises DiskFull or OutputRefused in place of the operating system's error.
    """
    aside = path.with_name(f".{_short(path.name)}.{os.getpid()}.part{path.suffix}")
    with refusing(path):
        try:
            yield aside
            _flush(aside)
            aside.replace(path)
            flush_folder(path.parent)
        finally:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Publish a text file, UTF-8."""
    with published(path) as aside:
        aside.write_text(text, encoding="utf-8")


def write_bytes(path: Path, data: bytes) -> None:
    """Publish a file of bytes."""
    with published(path) as aside:
        aside.write_bytes(data)


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals to write near `path` into our own errors."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise DiskFull(
                f"the disk that holds {path.parent} is full",
                "Free some space and run again; what was finished is reused",
            ) from error
        if isinstance(error, (PermissionError, NotADirectoryError, FileNotFoundError, IsADirectoryError)) or (
            error.errno in (errno.EROFS, errno.ENAMETOOLONG)
        ):
            raise OutputRefused(
                f"{path} cannot be written: {error.strerror}", "Choose another place with -o, or change its permissions"
            ) from error
        raise


def check_writable(folder: Path) -> None:
    """Raise OutputRefused now rather than after the work, when nothing can be written into a folder."""
    probe = folder / f".cuesmith-{os.getpid()}.part"
    with refusing(folder / "the result"):
        probe.touch()
        probe.unlink()


def check_room(folder: Path, needed_bytes: int) -> None:
    """Raise DiskFull when a folder's disk has less room than a run will need."""
    free_bytes = shutil.disk_usage(folder).free
    if free_bytes < needed_bytes:
        raise DiskFull(
            f"{folder} has {free_bytes / 1e9:.2f} GB free and this film needs about {needed_bytes / 1e9:.2f} GB",
            "Free some space, or choose another disk with -o",
        )


def is_full(error: OSError) -> bool:
    """Whether a refusal means that the disk, or what the user may have of it, is full."""
    return error.errno in _FULL


def flush_folder(folder: Path) -> None:
    """Put the names in a folder on the disk, so that a rename outlives a power cut. Raises OSError."""
    if sys.platform == "win32":
        return  # folders cannot be opened there; NTFS journals the rename
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _short(name: str) -> str:
    # File systems hold 255 bytes a name; the decoration around it takes up to 40.
    return name.encode("utf-8", "surrogateescape")[:180].decode("utf-8", "ignore")


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
