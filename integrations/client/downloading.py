"""A file from the server: carried on where the connection broke, held against its hash, then put in its place."""

from __future__ import annotations

import hashlib
import re
import time
from pathlib import Path

from integrations.client.answers import FileOf, OnBytes
from integrations.client.wire import Again, Wire
from pipeline.publish import published
from scoring.errors import ChecksumRefused, Gone, OutputRefused

_RANGE = re.compile(r"bytes (\d+)-\d+/\d+")


def download(wire: Wire, file: FileOf, to: Path, progress: OnBytes | None = None) -> Path:
    """Write a file to a path, or into a folder under its own name; complete or not at all. The path.

    A file in its place is replaced. Raises OutputRefused, DiskFull, Gone, FetchFailed when as many tries in a row as
    there are retries brought no byte further, ChecksumRefused when the bytes are not what was announced, twice.
    """
    path = to / file.name.rpartition("/")[2] if to.is_dir() else to
    if not path.parent.is_dir():
        raise OutputRefused(f"there is no folder {path.parent}", "Create it, or choose another place")
    with published(path) as aside:
        for is_last in (False, True):
            aside.write_bytes(b"")
            _fetch(wire, file, aside, progress)
            with aside.open("rb") as made:
                found = hashlib.file_digest(made, "sha256").hexdigest()
            if found == file.sha256:
                break
            if is_last:
                raise ChecksumRefused(
                    f"{file.name} arrived with the SHA-256 {found}, not {file.sha256}", "Something between changes it"
                )
    return path


def _fetch(wire: Wire, file: FileOf, aside: Path, progress: OnBytes | None) -> None:
    failures = 0
    while (before_bytes := aside.stat().st_size) < file.size_bytes:
        try:
            _append(wire, file, aside, before_bytes, progress)
            error, wait_s = None, None
        except Again as again:
            error, wait_s = again.error, again.after_s
        got_bytes = aside.stat().st_size
        if got_bytes >= file.size_bytes:
            return
        failures = 1 if got_bytes > before_bytes else failures + 1
        if failures > wire.patience.retries:
            raise error or Gone(f"{file.name} ends after {got_bytes} of {file.size_bytes} bytes", "Score it again")
        time.sleep(wire.patience.wait_s(failures) if wait_s is None else min(wait_s, 60.0))


def _append(wire: Wire, file: FileOf, aside: Path, start: int, progress: OnBytes | None) -> None:
    headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": f'"{file.sha256}"'}
    with wire.stream(file.url, headers=headers) as response:
        found = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        is_rest = response.status_code == 206 and found is not None and int(found[1]) == start
        with aside.open("ab" if is_rest else "wb") as into:  # one who heeds no ranges sends it all
            done = start if is_rest else 0
            for block in response.iter_bytes():  # as they come: what waits for a full block is lost with a cut
                done += len(block)
                if done > file.size_bytes:
                    raise ChecksumRefused(f"{file.name} is longer than {file.size_bytes} bytes", "Try again")
                into.write(block)
                if progress is not None:
                    progress(done, file.size_bytes)
