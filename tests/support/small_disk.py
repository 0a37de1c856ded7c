"""A disk of a few megabytes, to fill: a tmpfs, where this process may mount one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class SmallDisk:
    """A file system of its own below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / ".ballast"

    def fill(self, leave_bytes: int = 0) -> None:
        """Take all its room but so many bytes."""
        self.free()
        room = shutil.disk_usage(self.folder).free - leave_bytes
        with self._ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, room))

    def free(self) -> None:
        """Give the room back."""
        self._ballast.unlink(missing_ok=True)

    def read_only(self, is_so: bool) -> None:
        """From now on nobody can write to it, or again."""
        _mount("-o", f"remount,{'ro' if is_so else 'rw'}", str(self.folder))


@contextmanager
def small_disk(folder: Path, size_bytes: int = 64 << 20) -> Iterator[SmallDisk]:
    """Skips where nothing may be mounted."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("a disk of its own needs root on Linux")
    folder.mkdir(parents=True)
    if _mount("-t", "tmpfs", "-o", f"size={size_bytes}", "none", str(folder)):
        pytest.skip("this machine lets nobody mount a tmpfs")
    try:
        yield SmallDisk(folder)
    finally:
        # Lazily: a process that was killed a moment ago may still be there.
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _mount(*arguments: str) -> int:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode
