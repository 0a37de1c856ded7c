"""What a storage promises, whatever it is made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from integrations.storage.keys import check_key
from scoring.errors import InputError, MediaTooLarge

RANGE_BLOCK_BYTES = 256 << 10  # what a range request is answered in: flat memory, few system calls
BLOCK_BYTES = 1 << 20  # the most of a file that is held while it is copied or hashed


@dataclass(frozen=True, slots=True)
class Stored:
    """key: where it is. size_bytes and sha256 (hexadecimal): of the whole of it."""

    key: str
    size_bytes: int
    sha256: str


class Storage(ABC):
    """Bytes under keys that are written once: complete or not there, never silently replaced.

    Calls block; threads may share one. Every call may raise, beside what it names: InputError for a key no server
    made, FetchFailed when the storage does not answer or refuses us, CapacityError when it has no room for the request
    now, DiskFull when it has none for the bytes. Where `take` is said the file given is used up.
    """

    @abstractmethod
    def put_file(self, path: Path, key: str, *, take: bool = False, sha256: str | None = None) -> Stored:
        """Store a file, without copying it where that can be: it must not be written to in its place afterwards.

        take: the file is moved rather than kept. sha256: of the file where the caller knows it, which spares a reading.
        The same bytes under the same key again are no error. Raises OutputRefused when the key holds other bytes,
        VideoMissing when there is no such file, InputError when it is no plain file or changes meanwhile.
        """

    @abstractmethod
    def put_bytes(self, data: bytes, key: str) -> Stored:
        """Store what is in memory, as put_file."""

    @abstractmethod
    def fetch(self, key: str, into: Path) -> Path:
        """Make the file `into`, whose folder must be there, complete or not at all; another in its place is replaced.

        It may share its bytes with the storage: read it, do not write to it. Raises StoredMissing.
        """

    @abstractmethod
    def local_path(self, key: str) -> Path | None:
        """Where it can be read without a copy; None where it is not on this machine. Raises StoredMissing."""

    @abstractmethod
    def size_bytes(self, key: str) -> int:
        """Its size. Raises StoredMissing."""

    @abstractmethod
    def exists(self, key: str) -> bool:
        """Whether there is such a thing."""

    @abstractmethod
    def stored(self, key: str) -> Stored:
        """What put_file answered for it; may read it all for the hash. Raises StoredMissing."""

    @abstractmethod
    def delete_prefix(self, prefix: str) -> None:
        """Remove the key of that name and all below it. Nothing there is no error, so a deletion that broke off is
        done again. Raises InputError for "", which would remove everything.
        """

    @abstractmethod
    def walk(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Key and size in bytes of each thing with that prefix ("" for all), in no order, as it is now."""

    @abstractmethod
    def free_bytes(self) -> int | None:
        """Room that is left, None where the storage has no such number."""

    @abstractmethod
    def check(self) -> None:
        """Raise what is wrong when the storage cannot be used now: for a readiness probe."""

    @abstractmethod
    def sweep(self, older_than_s: float, now_s: float) -> int:
        """Remove what writers that died left half-written longer ago than older_than_s, none of which is visible
        under a key; how many. now_s: seconds since 1970.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of connections; calling it twice is no error."""

    @abstractmethod
    def _blocks(self, key: str, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from start to stop, which are there, in blocks of any size."""

    def open_range(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from start up to but without stop (None: the end) in blocks of 256 KiB, the last one shorter.

        A stop behind the end means the end. Raises at once, before the first block: StoredMissing, and InputError
        when the range does not lie in it. Whoever stops half-way should close the iterator.
        """
        size_bytes = self.size_bytes(key)
        end = size_bytes if stop is None else min(stop, size_bytes)
        if not 0 <= start <= end:
            raise InputError(f"bytes {start} to {stop} are not in {key}", f"It has {size_bytes} bytes")
        return self._blocks(key, start, end)

    def get_bytes(self, key: str, limit_bytes: int) -> bytes:
        """All of it, in memory. Raises MediaTooLarge when it is over limit_bytes, StoredMissing."""
        size_bytes = self.size_bytes(key)
        if size_bytes > limit_bytes:
            raise MediaTooLarge(f"{key} has {size_bytes} bytes", f"At most {limit_bytes} bytes are read at once")
        return b"".join(self._blocks(key, 0, size_bytes))

    def list_keys(self, prefix: str) -> list[str]:
        """The keys with that prefix, "" for all, sorted."""
        return sorted(key for key, _ in self.walk(prefix))

    def usage_bytes(self, prefix: str) -> int:
        """Bytes of all things with that prefix, "" for all."""
        return sum(size_bytes for _, size_bytes in self.walk(prefix))

    def put_tree(self, folder: Path, prefix: str, *, take: bool = False) -> list[Stored]:
        """Store each file of a folder, in the order of the names, under prefix/name; each complete, all of them only
        when the call comes back. Raises InputError, before anything is stored, when a name cannot be one of a key or
        something there is neither a file nor a folder.
        """
        wanted = sorted(
            (f"{prefix.removesuffix('/')}/{path.relative_to(folder).as_posix()}", path) for path in _files(folder)
        )
        for key, _ in wanted:
            check_key(key)
        return [self.put_file(path, key, take=take) for key, path in wanted]

    def fetch_tree(self, prefix: str, into: Path) -> list[Path]:
        """Make the files below a prefix in a folder, which is made too; the paths, sorted. Raises StoredMissing for a
        key that went away meanwhile; a prefix with nothing below makes an empty folder.
        """
        start = len(prefix.removesuffix("/")) + 1
        made = []
        into.mkdir(parents=True, exist_ok=True)
        for key in self.list_keys(prefix):
            if key[start:]:
                target = into / key[start:]
                target.parent.mkdir(parents=True, exist_ok=True)
                made.append(self.fetch(key, target))
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise InputError(f"{path} is neither a file nor a folder", "Store plain files only")
        if path.is_dir():
            yield from _files(path)
        else:
            yield path
