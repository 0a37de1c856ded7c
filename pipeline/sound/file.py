"""Sound on disk through soundfile: float scratch files that may pass 4 GB, and 24-bit FLAC for people."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np

from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

Kind = Literal["float", "flac24"]

_NO_ROOM_BYTES = 2**20  # a write that fails with less than this left failed for want of room


class SoundWriter:
    """A 48 kHz file being written; a context manager.

    "float" is Wave64 (a WAV without the 4 GB limit: a two-hour film in float takes 2.8 GB, four hours 5.5);
    "flac24" is 24-bit FLAC. Raises OSError, ENOSPC where the disk is full, which libsndfile does not say.
    """

    def __init__(self, path: Path, kind: Kind, channels: int = 2) -> None:
        import soundfile

        self._path = path
        self._error: type[Exception] = soundfile.LibsndfileError
        with self._explained():
            if kind == "float":
                self._file = soundfile.SoundFile(_name(path), "w", SAMPLE_RATE_HZ, channels, "FLOAT", format="W64")
            else:
                # Level 0 of FLAC's compression: a few per cent larger than the usual 5 and three times as quick.
                self._file = soundfile.SoundFile(
                    _name(path), "w", SAMPLE_RATE_HZ, channels, "PCM_24", format="FLAC", compression_level=0.0
                )

    def __enter__(self) -> SoundWriter:
        return self

    def __exit__(self, *error: object) -> None:
        with self._explained():
            self._file.close()

    def write(self, audio: Samples) -> None:
        """Append [channels, n] float32."""
        with self._explained():
            self._file.write(audio.T)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except self._error as error:
            is_full = shutil.disk_usage(self._path.parent).free < _NO_ROOM_BYTES
            raise OSError(errno.ENOSPC if is_full else errno.EIO, str(error), str(self._path)) from error


def reading(path: Path) -> Any:
    """An open soundfile.SoundFile to read; a context manager."""
    import soundfile

    return soundfile.SoundFile(_name(path))


class StemFiles:
    """The stems of one take, one file each, read a stretch at a time. Implements pipeline.sound.join.TakeSound."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._files = {name: reading(folder / f"{name}.flac") for name in names}

    def read(self, start: int, samples: int) -> dict[str, Samples]:
        """Each stem's [2, samples] from sample `start` on, which may be negative; zeros outside the file."""
        before = min(samples, max(0, -start))
        wanted = samples - before
        return {name: self._one(file, max(0, start), before, wanted) for name, file in self._files.items()}

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()

    def _one(self, file: Any, start: int, before: int, wanted: int) -> Samples:
        block = np.zeros((2, before + wanted), np.float32)
        if wanted and start < file.frames:
            if file.tell() != start:
                file.seek(start)
            heard = file.read(min(wanted, file.frames - start), dtype="float32", always_2d=True).T
            block[:, before : before + heard.shape[1]] = heard
        return block


def save_flac(path: Path, audio: Samples) -> None:
    """Write [2, N] as 24-bit FLAC."""
    with SoundWriter(path, "flac24") as file:
        file.write(audio)


def _name(path: Path) -> str | bytes:
    """A path as libsndfile takes it: on POSIX the bytes it is made of, which need not be UTF-8."""
    return str(path) if sys.platform == "win32" else os.fsencode(path)
