"""Files on a disk: opened without surprises, shared rather than copied, and what the disk refuses in our own words."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from integrations.storage.storage import BLOCK_BYTES
from pipeline.publish import is_full
from scoring.errors import CapacityError, DiskFull, FetchFailed, InputError, VideoMissing

# Where a file system or its owner does not let two names or two files share bytes, they are copied.
CANNOT_SHARE = frozenset(
    {errno.EXDEV, errno.EPERM, errno.EACCES, errno.EMLINK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS}
    | {errno.EINVAL, errno.ENOTTY}
)
_NO_ROOM = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
_FICLONE = 0x40049409  # linux/fs.h


@contextmanager
def refusing(where: str) -> Iterator[None]:
    """Turn what the operating system refuses into DiskFull, CapacityError or FetchFailed. where: for the message."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise DiskFull(f"the disk that holds {where} is full", "Free some space there and try again") from error
        if error.errno in _NO_ROOM:
            raise CapacityError(f"{where} cannot be opened now ({error.strerror})", "Try again later") from error
        raise FetchFailed(
            f"{where} cannot be used ({error.strerror or error})",
            "Check that it is mounted and may be read and written",
        ) from error


@contextmanager
def opened(path: Path) -> Iterator[FileIO]:
    """A plain file to read, unbuffered. Never follows a link and never waits on a pipe.

    Raises VideoMissing when there is none, InputError when it is something else, OSError.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        handle = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise VideoMissing(f"there is no file {path}", "Give the path of a file that is there") from error
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise InputError(f"{path} is a link or no plain file", "Give a plain file") from error
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise InputError(f"{path} is no plain file", "Give a plain file")
    with open(handle, "rb", buffering=0) as file:  # noqa: PTH123 - there is a handle, not a path
        yield file


def sha256_of(file: FileIO) -> str:
    """Hexadecimal, of a file from where it stands."""
    found, buffer = hashlib.sha256(), memoryview(bytearray(BLOCK_BYTES))
    while count := file.readinto(buffer):
        found.update(buffer[:count])
    return found.hexdigest()


def reproduce(source: FileIO, path: Path, aside: Path, *, link_first: bool) -> None:
    """Make `aside` hold what `source`, open on `path`, holds: sharing its blocks or being another name of it where the
    disk can do that, else by a copy. link_first: another name before shared blocks. Flushed. Raises OSError.
    """
    ways = (_linked, _cloned) if link_first else (_cloned, _linked)
    if any(way(source, path, aside) for way in ways):
        return
    source.seek(0)
    with aside.open("xb") as file:
        shutil.copyfileobj(source, file, BLOCK_BYTES)
        file.flush()
        os.fsync(file.fileno())


def flush(handle: int) -> None:
    """Put a file's bytes on the disk; one that cannot be flushed as it is only read is left. Raises OSError."""
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EBADF, errno.EROFS):
            raise


def _linked(source: FileIO, path: Path, aside: Path) -> bool:
    try:
        os.link(path, aside, follow_symlinks=False)
    except (OSError, NotImplementedError) as error:
        if isinstance(error, NotImplementedError) or error.errno in CANNOT_SHARE:
            return False
        raise
    if os.path.samestat(os.fstat(source.fileno()), aside.lstat()):
        return True
    aside.unlink()  # the path names another file by now; the one that was opened is what counts
    return False


def _cloned(source: FileIO, path: Path, aside: Path) -> bool:
    if sys.platform != "linux":
        return False
    import fcntl

    with aside.open("xb") as file:
        try:
            fcntl.ioctl(file.fileno(), _FICLONE, source.fileno())
            os.fsync(file.fileno())
        except OSError as error:
            with contextlib.suppress(OSError):
                aside.unlink()
            if error.errno in CANNOT_SHARE:
                return False
            raise
    return True
