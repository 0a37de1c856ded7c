"""A stored file as an answer: in blocks, whole or a range of it, whichever storage holds it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from typing import cast

from anyio import CancelScope
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from integrations.api.desk import Desk
from integrations.api.ranges import Span, Unsatisfiable, attachment, read_range
from integrations.api.receiving import on_disk
from integrations.jobs.reading import Artefact
from scoring.errors import Gone, StoredMissing


async def download(desk: Desk, request: Request, file: Artefact) -> Response:
    """The file, or the range of it that is asked for, or only the headers. Raises Gone when it is not stored any more.

    Whatever it is, a browser saves it under its name and runs nothing of it.
    """
    etag = f'"{file.sha256}"'
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": etag,
        "Content-Disposition": attachment(file.name),
        "Cache-Control": "private, max-age=3600",
        "X-Content-Type-Options": "nosniff",
        "Content-Type": file.media_type,
    }
    if etag in [each.strip() for each in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers={name: headers[name] for name in ("ETag", "Cache-Control")})
    # A range of what has changed since would be of another file.
    wanted = request.headers.get("range") if request.headers.get("if-range", etag) == etag else None
    try:
        span = read_range(wanted, file.size_bytes)
    except Unsatisfiable:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{file.size_bytes}"})
    status = 200 if span is None else 206
    if span is None:
        span = Span(0, file.size_bytes)
    else:
        headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{file.size_bytes}"
    headers["Content-Length"] = str(span.stop - span.start)
    try:
        blocks = await on_disk(desk, desk.storage.open_range, file.storage_key, span.start, span.stop)
    except StoredMissing as error:
        raise Gone(f"the file {file.name!r} is not kept any more", "Score the film again") from error
    if request.method == "HEAD":
        await on_disk(desk, _close, blocks)
        return Response(status_code=status, headers=headers)
    return StreamingResponse(_sent(desk, blocks), status_code=status, headers=headers)


async def _sent(desk: Desk, blocks: Iterator[bytes]) -> AsyncIterator[bytes]:
    try:
        while (block := await on_disk(desk, next, blocks, b"")) != b"":
            yield block
    finally:
        with CancelScope(shield=True):  # the reader has gone away: the file must not stay open
            await on_disk(desk, _close, blocks)


def _close(blocks: Iterator[bytes]) -> None:
    if hasattr(blocks, "close"):
        cast("Generator[bytes, None, None]", blocks).close()
