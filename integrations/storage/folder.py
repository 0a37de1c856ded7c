"""A storage that is a folder: of this machine, or shared by several over a network file system."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

from integrations.storage.files import CANNOT_SHARE, flush, opened, refusing, reproduce, sha256_of
from integrations.storage.keys import check_key, check_prefix
from integrations.storage.storage import RANGE_BLOCK_BYTES, Storage, Stored
from pipeline.publish import flush_folder
from scoring.errors import FetchFailed, InputError, OutputRefused, StoredMissing, VideoMissing

_ASIDE = ".aside"  # no key starts with a dot
_TRIES = 20  # a folder that a deletion takes away while it is being filled is made again
_ANOTHER = "Keys are unique for each attempt: make a new one"


class FolderStorage(Storage):
    """Keys are paths below the root, on one file system. What is written stands aside in `.aside` until it is whole and
    on the disk, and is then linked into its place, which no name that is there already gives way to.

    It holds no state, so threads, forked processes and other machines may use the same folder. No link below the root
    is followed, whoever made it: what is behind one is not there to read and no place to write to.
    """

    def __init__(self, root: Path) -> None:
        """The root is made, not the folder above it: a disk that is not mounted is an error and no empty storage.

        Raises FetchFailed, DiskFull.
        """
        with refusing(str(root)):
            root.mkdir(exist_ok=True)
            self.root = root.resolve(strict=True)
            (self.root / _ASIDE).mkdir(exist_ok=True)

    def __repr__(self) -> str:
        return f"FolderStorage({str(self.root)!r})"

    def put_file(self, path: Path, key: str, *, take: bool = False, sha256: str | None = None) -> Stored:
        """As the protocol says; by sharing blocks or a hard link where the file system can, else by a copy."""
        check_key(key)
        with refusing(f"{key} or {path}"), opened(path) as source, self._aside() as aside:
            before = os.fstat(source.fileno())
            stored = Stored(key, before.st_size, sha256 or sha256_of(source))
            flush(source.fileno())
            reproduce(source, path, aside, link_first=take)
            after = os.fstat(source.fileno())
            is_same = (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
            if not is_same or aside.lstat().st_size != before.st_size:
                raise InputError(f"{path} changed while it was being stored", "Store it when it is finished")
            self._publish(aside, stored)
            if take:
                path.unlink(missing_ok=True)
        return stored

    def put_bytes(self, data: bytes, key: str) -> Stored:
        """As the protocol says."""
        check_key(key)
        stored = Stored(key, len(data), hashlib.sha256(data).hexdigest())
        with refusing(key), self._aside() as aside:
            with aside.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            self._publish(aside, stored)
        return stored

    def fetch(self, key: str, into: Path) -> Path:
        """As the protocol says; by sharing blocks or a hard link where the file system can, else by a copy."""
        path = self._there(key)
        aside = into.with_name(f".{secrets.token_hex(8)}.part")
        with refusing(f"{key} or {into}"):
            try:
                with self._reading(key) as source:
                    reproduce(source, path, aside, link_first=False)
                    size_bytes = os.fstat(source.fileno()).st_size
                if aside.stat().st_size != size_bytes:
                    raise FetchFailed(f"{key} came out too short in {into}", "Try again")
                aside.replace(into)
            finally:
                # A rename between two names of one file does nothing at all, so the other name may still be there.
                with contextlib.suppress(OSError):
                    aside.unlink(missing_ok=True)
        return into

    def local_path(self, key: str) -> Path | None:
        """Always a path: it is the stored file itself, to be read only."""
        return self._there(key)

    def size_bytes(self, key: str) -> int:
        """As the protocol says."""
        path = self._there(key)
        with refusing(key):
            try:
                return path.stat(follow_symlinks=False).st_size
            except FileNotFoundError as error:
                raise _missing(key) from error

    def exists(self, key: str) -> bool:
        """As the protocol says."""
        try:
            self._there(key)
        except StoredMissing:
            return False
        return True

    def stored(self, key: str) -> Stored:
        """As the protocol says; reads it all."""
        with refusing(key), self._reading(key) as file:
            return Stored(key, os.fstat(file.fileno()).st_size, sha256_of(file))

    def delete_prefix(self, prefix: str) -> None:
        """As the protocol says. All of it goes from sight at once, by a rename, and is then taken apart. A key that is
        put while this runs may stay.
        """
        segments = check_prefix(prefix)
        if not segments:
            raise InputError("the empty prefix is everything", "Name what is to be deleted")
        target = self.root.joinpath(*segments)
        doomed = self._new_aside()
        with refusing(prefix):
            if not self._is_own(target.parent):
                return
            try:
                target.rename(doomed)
            except (FileNotFoundError, NotADirectoryError):
                self._check_root()
                return
            with contextlib.suppress(FileNotFoundError):  # another deletion found it empty, and took it
                flush_folder(target.parent)
            _remove(doomed)
            for parent in target.parents:
                if parent == self.root:
                    break
                try:
                    parent.rmdir()
                except OSError:  # it holds something, or somebody else removed it
                    break

    def walk(self, prefix: str) -> Iterator[tuple[str, int]]:
        """As the protocol says; what goes away meanwhile is left out."""
        segments = check_prefix(prefix)
        top = self.root.joinpath(*segments)
        if not self._is_own(top):
            return
        self._check_root()
        with refusing(prefix or str(self.root)):
            if segments and top.is_file():
                yield "/".join(segments), top.stat().st_size
                return
            yield from self._walk(top, "/".join(segments))

    def free_bytes(self) -> int | None:
        """What this process may still write to the disk of the root."""
        with refusing(str(self.root)):
            return shutil.disk_usage(self.root).free

    def check(self) -> None:
        """Write a file and remove it."""
        with refusing(str(self.root)), self._aside() as aside:
            aside.write_bytes(b"cuesmith")

    def sweep(self, older_than_s: float, now_s: float) -> int:
        """As the protocol says; an hour is more than a write of 20 GB needs between two of its blocks."""
        removed = 0
        with refusing(str(self.root)):
            for path in (self.root / _ASIDE).iterdir():
                with contextlib.suppress(FileNotFoundError):
                    # A link has the time at which its file was written, so what counts is when the entry changed.
                    if path.lstat().st_ctime < now_s - older_than_s:
                        _remove(path)
                        removed += 1
        return removed

    def close(self) -> None:
        """Nothing is held open."""

    def _blocks(self, key: str, start: int, stop: int) -> Iterator[bytes]:
        with refusing(key), self._reading(key) as file:
            file.seek(start)
            left = stop - start
            while left > 0:
                block = file.read(min(left, RANGE_BLOCK_BYTES))
                if not block:
                    raise FetchFailed(f"{key} is {left} bytes shorter than it was", "Ask for it again")
                left -= len(block)
                yield block

    @contextlib.contextmanager
    def _reading(self, key: str) -> Iterator[FileIO]:
        path = self._there(key)
        try:
            with opened(path) as file:
                yield file
        except VideoMissing as error:  # deleted since
            raise _missing(key) from error

    def _there(self, key: str) -> Path:
        """Where a key's file is. Raises StoredMissing when there is none, or one behind a link."""
        path = self.root.joinpath(*check_key(key))
        with refusing(key):
            if not (self._is_own(path) and path.is_file()):
                self._check_root()
                raise _missing(key)
        return path

    def _check_root(self) -> None:
        if not (self.root / _ASIDE).is_dir():  # what is not mounted holds nothing, and is not empty either
            raise FetchFailed(f"the storage's folder {self.root} is not there", "Check that its disk is mounted")

    def _is_own(self, path: Path) -> bool:
        return os.path.realpath(path) == str(path)

    def _new_aside(self) -> Path:
        return self.root / _ASIDE / secrets.token_hex(16)

    @contextlib.contextmanager
    def _aside(self) -> Iterator[Path]:
        path = self._new_aside()
        try:
            yield path
        finally:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def _publish(self, aside: Path, stored: Stored) -> None:
        target = self.root.joinpath(*check_key(stored.key))
        for _ in range(_TRIES):
            try:
                self._make_folders(target.parent, stored.key)
                self._place(aside, target, stored)
                flush_folder(target.parent)
            except FileNotFoundError:
                continue
            return
        raise FetchFailed(f"the folder for {stored.key} is deleted again and again", "Try again when that has ended")

    def _place(self, aside: Path, target: Path, stored: Stored) -> None:
        try:
            os.link(aside, target, follow_symlinks=False)
        except FileExistsError:
            self._refuse_unless_same(stored)
        except OSError as error:
            if error.errno not in CANNOT_SHARE:
                raise
            # No second names on this file system: two writers of one key are told apart a little less sharply.
            if os.path.lexists(target):
                self._refuse_unless_same(stored)
            else:
                aside.rename(target)

    def _refuse_unless_same(self, stored: Stored) -> None:
        try:
            if self.stored(stored.key) == stored:
                return
        except StoredMissing:
            pass  # a folder or a link has the name
        raise OutputRefused(f"{stored.key} is taken by something else", _ANOTHER)

    def _make_folders(self, folder: Path, key: str) -> None:
        missing = []
        while folder != self.root and not folder.is_dir():
            missing.append(folder)
            folder = folder.parent
        if not self._is_own(folder):
            raise OutputRefused(f"the place for {key} is behind a link", "Remove the link from the storage's folder")
        for path in reversed(missing):
            try:
                path.mkdir()
            except FileExistsError as error:
                # Somebody made it meanwhile; it may also be gone again, which the caller tries anew.
                if not stat.S_ISDIR(path.lstat().st_mode):
                    raise OutputRefused(f"{key} would be below something that is a file", _ANOTHER) from error
            except NotADirectoryError as error:
                raise OutputRefused(f"{key} would be below something that is a file", _ANOTHER) from error
            flush_folder(path.parent)

    def _walk(self, folder: Path, name: str) -> Iterator[tuple[str, int]]:
        try:
            entries = list(os.scandir(folder))
        except (FileNotFoundError, NotADirectoryError):
            return
        for entry in entries:
            key = f"{name}/{entry.name}" if name else entry.name
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(Path(entry.path), key)
            elif entry.is_file(follow_symlinks=False):
                with contextlib.suppress(FileNotFoundError):
                    yield key, entry.stat(follow_symlinks=False).st_size


def _missing(key: str) -> StoredMissing:
    return StoredMissing(f"the storage has no {key}", "It was deleted, or never stored")


def _remove(path: Path) -> None:
    for _ in range(_TRIES):
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
            return
        except FileNotFoundError:  # somebody else is removing it too
            continue
