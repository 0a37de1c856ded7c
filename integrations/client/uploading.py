"""A film to the server: small ones in one form, others by tus 1.0.0, carried on where the connection broke."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import httpx

from integrations.client.answers import OnBytes, Upload
from integrations.client.wire import Again, Wire
from scoring.errors import (
    CapacityError,
    ChecksumRefused,
    CuesmithError,
    FetchFailed,
    InputError,
    UploadConflict,
    VideoMissing,
)

SMALL_BYTES = 1 << 20  # up to here a form costs less than the requests of tus
PIECE_BYTES = 16 << 20  # of one request: proxies bound them, and what was sent of one may be lost
_BLOCK_BYTES = 256 << 10
_VERSION = {"Tus-Resumable": "1.0.0"}


def upload(wire: Wire, film: Path, progress: OnBytes | None = None, upload_id: str | None = None) -> Upload:
    """Send a film, and hold the server's SHA-256 of it against our own.

    progress: bytes that arrived, bytes in all. upload_id: of one that broke off before, to be carried on.
    Raises VideoMissing, InputError for what is no plain file, ChecksumRefused when the film changed meanwhile, what the
    server refuses, FetchFailed when as many tries in a row as there are retries brought no byte further.
    """
    size_bytes = _size(film)
    told = _Told(progress, size_bytes)
    if upload_id is None and size_bytes <= SMALL_BYTES:
        made = _in_a_form(wire, film)
    else:
        upload_id = upload_id or _begin(wire, film, size_bytes)
        try:
            _send(wire, film, upload_id, size_bytes, told)
        except (FetchFailed, CapacityError) as error:
            advice = f"What arrived is kept for a day: carry on with upload_id={upload_id!r}"
            raise type(error)(error.what, advice) from error
        made = Upload.of(wire.read("GET", f"/v1/uploads/{upload_id}"))
    told(size_bytes)
    _compare(wire, film, made)
    return made


class _Told:
    """Tells of bytes, never backwards: a broken connection is no news to a progress bar."""

    def __init__(self, progress: OnBytes | None, size_bytes: int) -> None:
        self._progress, self._size_bytes, self._most = progress, size_bytes, -1

    def __call__(self, sent_bytes: int) -> None:
        if self._progress is not None and sent_bytes > self._most:
            self._most = sent_bytes
            self._progress(sent_bytes, self._size_bytes)


def _in_a_form(wire: Wire, film: Path) -> Upload:
    data, name = film.read_bytes(), film.name.encode("utf-8", "replace").decode("utf-8")
    answer = wire.read("POST", "/v1/uploads/file", files=lambda: {"file": (name, data, "application/octet-stream")})
    return Upload.of(answer)


def _begin(wire: Wire, film: Path, size_bytes: int) -> str:
    name = base64.b64encode(film.name.encode("utf-8", "replace")).decode("ascii")
    headers = {**_VERSION, "Upload-Length": str(size_bytes), "Upload-Metadata": f"filename {name}"}
    # Asked twice it leaves an empty upload behind, which expires.
    answer = wire.ask("POST", "/v1/uploads", headers=headers)
    found = str(answer.headers.get("Location", "")).rstrip("/").rpartition("/")[2]
    if not found:
        raise CuesmithError("the server began an upload without saying where", "Check that it is a Cuesmith service")
    return found


def _send(wire: Wire, film: Path, upload_id: str, size_bytes: int, told: _Told) -> None:
    """Send what is missing, piece by piece; after a failure from where the server stands."""
    path = f"/v1/uploads/{upload_id}"
    offset_bytes, failures = _offset(wire, path), 0
    with film.open("rb") as file:
        told(offset_bytes)
        while offset_bytes < size_bytes:
            before_bytes = offset_bytes
            try:
                offset_bytes = _piece(wire, path, file, offset_bytes, size_bytes, told)
                failures = 0
                continue
            except Again as again:
                error, wait_s = again.error, again.after_s
            except UploadConflict as conflict:  # the connection that broke may still be held there
                error, wait_s = conflict, None
            offset_bytes = _offset(wire, path)
            failures = 1 if offset_bytes > before_bytes else failures + 1
            if failures > wire.patience.retries:
                raise error
            time.sleep(wire.patience.wait_s(failures) if wait_s is None else min(wait_s, 60.0))


def _piece(wire: Wire, path: str, file: BinaryIO, start: int, size_bytes: int, told: _Told) -> int:
    stop = min(size_bytes, start + PIECE_BYTES)

    def blocks() -> Iterator[bytes]:
        file.seek(start)
        at = start
        while at < stop:
            block = file.read(min(_BLOCK_BYTES, stop - at))
            if not block:
                raise ChecksumRefused(f"the film became shorter than {size_bytes} bytes", "Upload it when it is whole")
            yield block
            at += len(block)
            told(at)

    headers = {
        **_VERSION,
        "Upload-Offset": str(start),
        "Content-Type": "application/offset+octet-stream",
        "Content-Length": str(stop - start),
    }
    answer = wire.once("PATCH", path, headers=headers, body=blocks())
    return _read_offset(answer)


def _offset(wire: Wire, path: str) -> int:
    return _read_offset(wire.ask("HEAD", path, headers=_VERSION))


def _read_offset(answer: httpx.Response) -> int:
    said = str(answer.headers.get("Upload-Offset", ""))
    if not (said.isascii() and said.isdigit()):
        raise CuesmithError(f"the server says that the upload stands at {said[:40]!r}", "Check that it is Cuesmith's")
    return int(said)


def _compare(wire: Wire, film: Path, made: Upload) -> None:
    with film.open("rb") as file:
        ours = hashlib.file_digest(file, "sha256").hexdigest()
    if made.sha256 != ours:
        wire.ask("DELETE", f"/v1/uploads/{made.id}", headers=_VERSION)
        raise ChecksumRefused(
            f"what arrived has the SHA-256 {made.sha256}, the film {ours}", "It may have changed meanwhile: try again"
        )


def _size(film: Path) -> int:
    try:
        if not film.exists():
            raise VideoMissing(f"there is no file {film}", "Check the path")
        if not film.is_file():
            raise InputError(f"{film} is not a file", "Give a film")
        size_bytes = film.stat().st_size
        film.open("rb").close()
    except OSError as error:
        raise InputError(f"{film} cannot be read: {error.strerror}", "Check its permissions") from error
    except ValueError as error:  # a NUL in the name
        raise InputError(f"{str(film)!r} cannot be a file's name", "Check the path") from error
    if not size_bytes:
        raise InputError(f"{film} is empty", "Copy or export it again")
    return size_bytes
