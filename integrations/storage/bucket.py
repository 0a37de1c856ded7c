"""A storage that is a bucket: Amazon S3, MinIO, R2, Ceph and whatever else speaks S3, through fsspec's s3fs."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from integrations.storage.connection import Bucket, code_of, connect, trouble
from integrations.storage.files import opened, refusing, sha256_of
from integrations.storage.keys import check_key, check_prefix
from integrations.storage.storage import RANGE_BLOCK_BYTES, Storage, Stored
from scoring.errors import (
    CapacityError,
    CuesmithError,
    DiskFull,
    FetchFailed,
    InputError,
    OutputRefused,
    StoredMissing,
)

# S3 takes parts of 5 MiB to 5 GiB, 10,000 at most: 8 MiB serve to 80 GB, four times the largest film we take.
PART_BYTES = 8 << 20
_MOST_PARTS = 10_000
# A player that looks for its place asks for everything and hangs up: the first answer is small, the later ones are not.
_FIRST_BYTES, _READ_BYTES = 512 << 10, 4 << 20
_DELETED_AT_ONCE = 1000  # S3's own limit
_SHA256 = "cuesmith-sha256"  # in the metadata of each object
_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
_TAKEN = frozenset({"412", "PreconditionFailed"})
_BUSY = frozenset({"SlowDown", "503", "429", "ServiceUnavailable", "TooManyRequests", "RequestLimitExceeded"}) | {
    "ConditionalRequestConflict",
    "OperationAborted",
    "409",
}
_FULL = frozenset(
    {"XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "QuotaExceeded", "507", "InsufficientStorage"}
)


class BucketStorage(Storage):
    """Keys are object names below the prefix. An object is seen when its last part is there, not before.

    Nothing is cached, so what another process stored or deleted is seen at once. Threads may share one. It is to be
    made in the process that uses it: after a fork the child must make its own, and is told so if it does not.
    No connection is made before the first call.
    """

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        self._files: Any = None
        self._pid = os.getpid()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"BucketStorage({self.bucket!r})"

    def put_file(self, path: Path, key: str, *, take: bool = False, sha256: str | None = None) -> Stored:
        """As the protocol says; what is over 8 MiB goes in parts, one in memory at a time."""
        check_key(key)
        with refusing(str(path)), opened(path) as source:
            size_bytes = os.fstat(source.fileno()).st_size
            stored = Stored(key, size_bytes, sha256 or sha256_of(source))
            source.seek(0)
            if size_bytes <= PART_BYTES:
                data = _read(source, PART_BYTES + 1)
                if hashlib.sha256(data).hexdigest() != stored.sha256:
                    raise _changed(path)
                self._put(data, stored)
            else:
                self._put_parts(iter(lambda: _read(source, _part_bytes(size_bytes)), b""), path, stored)
        if take:
            with refusing(str(path)):
                path.unlink(missing_ok=True)
        return stored

    def put_bytes(self, data: bytes, key: str) -> Stored:
        """As the protocol says."""
        check_key(key)
        stored = Stored(key, len(data), hashlib.sha256(data).hexdigest())
        self._put(data, stored)
        return stored

    def fetch(self, key: str, into: Path) -> Path:
        """As the protocol says; size and, where the object has it, SHA-256 are checked before it is in its place."""
        head = self._head(key)
        found, size_bytes = hashlib.sha256(), int(head["ContentLength"])
        aside = into.with_name(f".{secrets.token_hex(8)}.part")
        with refusing(str(into)):
            try:
                with aside.open("xb", buffering=0) as file:
                    for block in self._blocks(key, 0, size_bytes):
                        found.update(block)
                        file.write(block)
                if aside.stat().st_size != size_bytes or found.hexdigest() != _sha256(head, found.hexdigest()):
                    raise FetchFailed(f"{key} did not arrive as it was stored", "Try again")
                aside.replace(into)
            finally:
                with contextlib.suppress(OSError):
                    aside.unlink(missing_ok=True)
        return into

    def local_path(self, key: str) -> Path | None:
        """Always None, once it is sure that the key is there."""
        self._head(key)
        return None

    def size_bytes(self, key: str) -> int:
        """As the protocol says."""
        return int(self._head(key)["ContentLength"])

    def exists(self, key: str) -> bool:
        """As the protocol says."""
        try:
            self._head(key)
        except StoredMissing:
            return False
        return True

    def stored(self, key: str) -> Stored:
        """As the protocol says; reads only what somebody else stored."""
        head = self._head(key)
        size_bytes, sha256 = int(head["ContentLength"]), _sha256(head, "")
        if not sha256:
            found = hashlib.sha256()
            for block in self._blocks(key, 0, size_bytes):
                found.update(block)
            sha256 = found.hexdigest()
        return Stored(key, size_bytes, sha256)

    def delete_prefix(self, prefix: str) -> None:
        """As the protocol says, a thousand objects at a time: one that broke off has deleted some."""
        if not check_prefix(prefix):
            raise InputError("the empty prefix is everything", "Name what is to be deleted")
        names: list[dict[str, str]] = []
        for key, _ in self.walk(prefix):
            names.append({"Key": self._name(key)})
            if len(names) == _DELETED_AT_ONCE:
                self._delete(names)
                names = []
        self._delete(names)

    def walk(self, prefix: str) -> Iterator[tuple[str, int]]:
        """As the protocol says, a thousand at a time."""
        top = "/".join(check_prefix(prefix))
        # "a/b" comes before "a/b/c", and names such as "a/b-2" between them are not below it: two listings.
        if top:
            with contextlib.suppress(StoredMissing):
                yield top, self.size_bytes(top)
        for found in self._pages(
            "list_objects_v2", "ContinuationToken", "NextContinuationToken", Prefix=self._below(top)
        ):
            for entry in found.get("Contents", ()):
                key = entry["Key"].removeprefix(self._below(""))
                with contextlib.suppress(InputError):  # a name that is no key was put there by somebody else
                    check_key(key)
                    yield key, int(entry["Size"])

    def free_bytes(self) -> int | None:
        """None: a bucket does not say."""
        return None

    def check(self) -> None:
        """Ask for the bucket."""
        self._call("head_bucket", "")

    def sweep(self, older_than_s: float, now_s: float) -> int:
        """Give up uploads in parts that began longer ago; let it be a day, as no upload says that it lives."""
        removed = 0
        for found in self._pages("list_multipart_uploads", "KeyMarker", "NextKeyMarker", Prefix=self._below("")):
            for upload in found.get("Uploads", ()):
                began: datetime = upload["Initiated"]
                if began.timestamp() < now_s - older_than_s:
                    self._call("abort_multipart_upload", upload["Key"], Key=upload["Key"], UploadId=upload["UploadId"])
                    removed += 1
        return removed

    def close(self) -> None:
        """As the protocol says."""
        with self._lock:
            files, self._files = self._files, None
            if files is not None and os.getpid() == self._pid and files._s3 is not None:
                files.close_session(files.loop, files._s3creator)

    def _blocks(self, key: str, start: int, stop: int) -> Iterator[bytes]:
        path = f"{self.bucket.name}/{self._name(key)}"
        step_bytes = _FIRST_BYTES
        while start < stop:
            end, step_bytes = min(start + step_bytes, stop), min(2 * step_bytes, _READ_BYTES)
            with self._answering(key):
                part = self._connected().cat_file(path, start=start, end=end)
            if len(part) != end - start:
                raise FetchFailed(f"{key} came {end - start - len(part)} bytes short", "Ask for it again")
            for at in range(0, len(part), RANGE_BLOCK_BYTES):
                yield part[at : at + RANGE_BLOCK_BYTES]
            start = end

    def _put(self, data: bytes, stored: Stored) -> None:
        metadata = {_SHA256: stored.sha256}
        try:
            self._call("put_object", stored.key, **self._new(stored.key), Body=data, Metadata=metadata, IfNoneMatch="*")
        except _Taken:
            self._refuse_unless_same(stored)

    def _put_parts(self, parts: Iterator[bytes], path: Path, stored: Stored) -> None:
        to = self._new(stored.key)
        upload = self._call("create_multipart_upload", stored.key, **to, Metadata={_SHA256: stored.sha256})
        to["UploadId"] = upload["UploadId"]
        found, size_bytes, sent = hashlib.sha256(), 0, []
        try:
            for number, part in enumerate(parts, start=1):
                found.update(part)
                size_bytes += len(part)
                answer = self._call("upload_part", stored.key, **to, PartNumber=number, Body=part)
                sent.append({"PartNumber": number, "ETag": answer["ETag"]})
            if (size_bytes, found.hexdigest()) != (stored.size_bytes, stored.sha256):
                raise _changed(path)
            self._call("complete_multipart_upload", stored.key, **to, MultipartUpload={"Parts": sent}, IfNoneMatch="*")
        except BaseException as error:
            with contextlib.suppress(CuesmithError, _Taken):
                self._call("abort_multipart_upload", stored.key, **to)
            if not isinstance(error, _Taken):
                raise
            self._refuse_unless_same(stored)

    def _refuse_unless_same(self, stored: Stored) -> None:
        try:
            found = self.stored(stored.key)
        except StoredMissing as error:
            raise FetchFailed(f"the upload of {stored.key} was given up meanwhile", "Store it again") from error
        if found != stored:
            raise OutputRefused(
                f"{stored.key} is taken by something else", "Keys are unique for each attempt: make a new one"
            )

    def _delete(self, names: list[dict[str, str]]) -> None:
        if names:
            answer = self._call("delete_objects", "what is deleted", Delete={"Objects": names, "Quiet": True})
            for error in answer.get("Errors", ()):
                if error.get("Code") not in _MISSING:
                    raise FetchFailed(
                        f"{self._place(error.get('Key', ''))} was not deleted ({error.get('Code')})", "Try again"
                    )

    def _head(self, key: str) -> Mapping[str, Any]:
        check_key(key)
        answer: Mapping[str, Any] = self._call("head_object", key, Key=self._name(key))
        return answer

    def _pages(self, method: str, sent: str, received: str, **wanted: str) -> Iterator[Mapping[str, Any]]:
        marker: dict[str, str] = {}
        while True:
            found = self._call(method, "", **wanted, **marker)
            yield found
            if not found.get("IsTruncated"):
                return
            marker = {sent: found[received]}

    def _new(self, key: str) -> dict[str, str]:
        return {"Key": self._name(key)}

    def _name(self, key: str) -> str:
        return "/".join(filter(None, (self.bucket.prefix, key)))

    def _below(self, key: str) -> str:
        return f"{name}/" if (name := self._name(key)) else ""

    def _call(self, method: str, what: str, **wanted: Any) -> Any:
        with self._answering(what):
            return self._connected().call_s3(method, Bucket=self.bucket.name, **wanted)

    def _connected(self) -> Any:
        if os.getpid() != self._pid:
            raise CuesmithError(
                "a bucket was opened before this process was forked", "Open the storage in each process"
            )
        with self._lock:
            if self._files is None:
                self._files = connect(self.bucket)
            return self._files

    @contextlib.contextmanager
    def _answering(self, what: str) -> Iterator[None]:
        """Turn what s3fs and boto raise into ours. what: the key asked for, "" for the bucket itself."""
        try:
            yield
        except trouble() as error:
            self._refuse(what, code_of(error), error)

    def _refuse(self, what: str, code: str, error: Exception) -> NoReturn:
        place = self._place(what)
        if code in _MISSING and what:
            self.check()  # a bucket that is not there answers a question for an object in the same way
            raise StoredMissing(f"the storage has no {what}", "It was deleted, or never stored") from error
        if code in _TAKEN or isinstance(error, FileExistsError):
            raise _Taken(f"{place} is there already") from error
        if code == "NoSuchUpload":  # ended by an answer that was lost, or given up by a sweep
            raise _Taken(f"the upload of {place} has ended") from error
        if code in _FULL:
            raise DiskFull(
                f"the storage has no room for {place} ({code})", "Free some space there and try again"
            ) from error
        if code in _BUSY:
            raise CapacityError(f"the storage is too busy for {place} ({code})", "Try again later") from error
        why = code or type(error).__name__
        raise FetchFailed(
            f"the storage does not answer for {place} ({why})",
            "Check the endpoint, the bucket's name, the keys and what they allow",
        ) from error

    def _place(self, what: str) -> str:
        return f"{what or 'the bucket'} in {self.bucket.name} at {self.bucket.endpoint or 'Amazon S3'}"


class _Taken(Exception):
    """There is an object of that name, perhaps our own of a moment ago."""


def _sha256(head: Mapping[str, Any], otherwise: str) -> str:
    return str(head.get("Metadata", {}).get(_SHA256, otherwise))


def _part_bytes(size_bytes: int) -> int:
    return max(PART_BYTES, -(-size_bytes // _MOST_PARTS))


def _read(source: Any, size_bytes: int) -> bytes:
    """That many bytes, fewer only at the end: one raw read may bring less."""
    blocks = []
    while size_bytes and (block := source.read(size_bytes)):
        blocks.append(block)
        size_bytes -= len(block)
    return b"".join(blocks)


def _changed(path: Path) -> InputError:
    return InputError(f"{path} changed while it was being stored", "Store it when it is finished")
