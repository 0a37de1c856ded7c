"""An upload on its way: a file on this machine's disk that grows at its end, over as many requests as it takes."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from integrations.storage.checksum import ALGORITHMS, Checksum
from integrations.storage.files import refusing
from integrations.storage.keys import check_key
from integrations.storage.storage import BLOCK_BYTES, Storage, Stored
from pipeline.publish import flush_folder, write_text
from scoring.errors import ChecksumRefused, InputError, MediaTooLarge, StoredMissing, UploadConflict

if TYPE_CHECKING:
    from hashlib import _Hash
    from io import FileIO

FLUSH_EVERY_BYTES = 64 << 20  # what a power cut can cost of one long request; a crash of ours costs nothing
_TRIES = 3
_DATA, _FLOOR, _LOCK = "data", "floor", "lock"


class PartFile:
    """The folder `<incoming>/<upload id>`: `data` holds the bytes, and its size is the offset, so that what a crash
    leaves is an upload to carry on with. Bytes with a checksum count when it was found right: until then `floor` says
    where they begin, and whoever opens the upload after a crash cuts them off.

    One writer at a time, held by a lock on `lock` that ends with the process (on Windows there is none). All calls
    block; each holds 1 MiB at most. Every call may raise FetchFailed, CapacityError or DiskFull for the disk.
    """

    def __init__(self, incoming: Path, upload_id: str, length_bytes: int) -> None:
        """incoming: a folder that is there. upload_id: made by the server. length_bytes: of the whole, as announced."""
        self.folder = incoming.joinpath(*check_key(upload_id))
        self.length_bytes = length_bytes
        self._data = self.folder / _DATA
        self._floor = self.folder / _FLOOR

    def create(self) -> None:
        """Make it, empty. Raises UploadConflict when there is one of that name."""
        with self._refusing():
            try:
                self.folder.mkdir()
            except FileExistsError as error:
                raise UploadConflict(f"there is an upload {self.folder.name} already", "Make a new id") from error
            self._data.touch()
            flush_folder(self.folder)
            flush_folder(self.folder.parent)

    def offset_bytes(self) -> int:
        """How much is there for good. Raises StoredMissing when there is no such upload."""
        with self._refusing():
            size_bytes = self._size_bytes()
            floor_bytes = self._floor_bytes()
        return size_bytes if floor_bytes is None else min(size_bytes, floor_bytes)

    @contextmanager
    def appending(self, offset_bytes: int, checksum: Checksum | None = None) -> Iterator[Appending]:
        """A place to write the bytes of one request. At the end they are on the disk and count.

        When the block breaks off, what came so far is kept, without a checksum, or forgotten, with one. Raises
        UploadConflict when the upload stands elsewhere or another request writes to it, StoredMissing, ChecksumRefused
        at the end when the bytes are not the announced ones, which are forgotten.
        """
        with self._locked(), contextlib.ExitStack() as held:
            with self._refusing():
                self._recover()
                size_bytes = self._size_bytes()
                if offset_bytes != size_bytes:
                    raise UploadConflict(
                        f"the upload stands at {size_bytes}, not at {offset_bytes}", "Ask for its offset"
                    )
                if checksum is not None:
                    write_text(self._floor, str(size_bytes))
                file = held.enter_context(self._data.open("r+b", buffering=0))
                file.seek(size_bytes)
            into = Appending(file, size_bytes, self.length_bytes, checksum)
            try:
                yield into
                into.check()
                into.flush()
            except BaseException:
                with self._refusing():
                    if checksum is not None:
                        file.truncate(size_bytes)
                        into.offset_bytes = size_bytes
                    into.flush()
                    self._lift_floor()
                raise
            with self._refusing():
                self._lift_floor()

    def append(self, offset_bytes: int, blocks: Iterable[bytes], checksum: Checksum | None = None) -> int:
        """Write blocks and say the new offset. Raises as appending and Appending.write do."""
        with self.appending(offset_bytes, checksum) as into:
            for block in blocks:
                into.write(block)
        return into.offset_bytes

    def finish(self, storage: Storage, key: str) -> Stored:
        """Move the whole into a storage, without a copy where that can be, and remove the upload.

        Done again after a crash it finds what it did. Raises InputError when bytes are missing, UploadConflict while
        somebody writes, and what Storage.put_file raises.
        """
        with self._refusing():
            try:
                with self._locked():
                    self._recover()
                    size_bytes = self._size_bytes()
                    if size_bytes != self.length_bytes:
                        raise InputError(
                            f"{size_bytes} of {self.length_bytes} bytes have arrived", "Send the rest, then finish it"
                        )
                    stored = storage.put_file(self._data, key, take=True)
            except StoredMissing:
                stored = storage.stored(key)
                if stored.size_bytes != self.length_bytes:
                    raise
            self.discard()
        return stored

    def discard(self) -> None:
        """Remove the upload and what came of it; one that is not there is no error. A writer that is at it writes to
        a file without a name, and finds no upload the next time.
        """
        with self._refusing(), contextlib.suppress(FileNotFoundError):
            for _ in range(_TRIES):
                for path in (self._data, *self.folder.iterdir()):
                    path.unlink(missing_ok=True)
                try:
                    self.folder.rmdir()
                    return
                except OSError as error:
                    if error.errno != errno.ENOTEMPTY:  # a request that came just now laid its lock
                        raise

    @contextmanager
    def _locked(self) -> Iterator[None]:
        if sys.platform == "win32":
            yield
            return
        import fcntl

        with self._refusing():
            try:
                handle = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            except FileNotFoundError as error:
                raise self._missing() from error
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise UploadConflict(
                    "another request writes to the upload", "Wait for it, then ask for the offset"
                ) from error
            yield
        finally:
            os.close(handle)

    def _recover(self) -> None:
        """Under the lock, so that whoever left a floor is gone."""
        floor_bytes = self._floor_bytes()
        if floor_bytes is not None:
            if self._size_bytes() > floor_bytes:
                with self._data.open("r+b", buffering=0) as file:
                    file.truncate(floor_bytes)
                    os.fsync(file.fileno())
            self._lift_floor()

    def _lift_floor(self) -> None:
        with contextlib.suppress(FileNotFoundError):  # none was laid, or the upload is discarded by now
            self._floor.unlink()
            flush_folder(self.folder)

    def _size_bytes(self) -> int:
        try:
            return self._data.stat(follow_symlinks=False).st_size
        except FileNotFoundError as error:
            raise self._missing() from error

    def _floor_bytes(self) -> int | None:
        try:
            return int(self._floor.read_text(encoding="ascii"))
        except FileNotFoundError:
            return None

    def _refusing(self) -> contextlib.AbstractContextManager[None]:
        return refusing(f"the upload {self.folder.name}")

    def _missing(self) -> StoredMissing:
        return StoredMissing(f"there is no upload {self.folder.name}", "It was finished, given up or has expired")


class Appending:
    """The bytes of one request as they arrive. Used by one thread at a time."""

    def __init__(self, file: FileIO, start_bytes: int, length_bytes: int, checksum: Checksum | None) -> None:
        self._file, self._length_bytes, self._checksum = file, length_bytes, checksum
        self._found: _Hash | None = ALGORITHMS[checksum.algorithm]() if checksum else None
        self._unflushed_bytes = 0
        self.offset_bytes = start_bytes

    def write(self, block: bytes) -> None:
        """Add to the end. Raises MediaTooLarge before a byte is written beyond the length announced, and DiskFull."""
        if self.offset_bytes + len(block) > self._length_bytes:
            raise MediaTooLarge(
                f"more than the {self._length_bytes} bytes announced arrive", "Announce the length of the file as it is"
            )
        view = memoryview(block)
        while view:
            with refusing("the upload"):
                count = self._file.write(view[:BLOCK_BYTES])
            if self._found is not None:
                self._found.update(view[:count])
            view = view[count:]
            self.offset_bytes += count
            self._unflushed_bytes += count
        if self._unflushed_bytes >= FLUSH_EVERY_BYTES:
            self.flush()

    def check(self) -> None:
        """Raises ChecksumRefused when what was written is not what was announced."""
        if self._checksum is not None and self._found is not None and not self._checksum.fits(self._found):
            raise ChecksumRefused(
                f"the bytes do not have the {self._checksum.algorithm} checksum announced", "Send them again"
            )

    def flush(self) -> None:
        """Put what was written on the disk."""
        with refusing("the upload"):
            os.fsync(self._file.fileno())
        self._unflushed_bytes = 0
