"""Bytes from a request onto the disk: in blocks, in threads of their own, with the first ones looked at."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TypeVar, TypeVarTuple

from anyio import CancelScope, to_thread

from integrations.api.desk import Desk
from integrations.jobs.reception import SNIFFED_BYTES
from integrations.jobs.uploads import Upload
from integrations.storage.checksum import Checksum

BLOCK_BYTES = 128 << 10  # of each upload in memory; uvicorn holds 64 KiB more
_Result = TypeVar("_Result")
_Given = TypeVarTuple("_Given")


async def on_disk(desk: Desk, call: Callable[[*_Given], _Result], *given: *_Given) -> _Result:
    """Call what waits for a disk, in one of the threads that are for it."""
    return await to_thread.run_sync(call, *given, limiter=desk.disk)


async def receive(
    desk: Desk, upload: Upload, offset_bytes: int, chunks: AsyncIterator[bytes], checksum: Checksum | None = None
) -> int:
    """Add to an upload what comes; its offset after it.

    What came before the client went away is kept, without a checksum. Raises as PartFile.appending does, and
    UnsupportedMedia as soon as it is seen to be no video; the upload is gone then.
    """
    place = desk.reception.part(upload).appending(offset_bytes, checksum)
    into = await on_disk(desk, place.__enter__)
    held = bytearray()

    async def write() -> None:
        before_bytes, block = into.offset_bytes, bytes(held)
        held.clear()
        await on_disk(desk, into.write, block)
        desk.metrics.upload_bytes.inc(len(block))
        if before_bytes < SNIFFED_BYTES <= into.offset_bytes:
            await on_disk(desk, desk.reception.look, upload)

    try:
        try:
            async for chunk in chunks:
                held += chunk
                if len(held) >= BLOCK_BYTES:
                    await write()
        finally:
            if held:
                with CancelScope(shield=True):
                    await write()
    except BaseException as error:
        with CancelScope(shield=True):
            await on_disk(desk, place.__exit__, type(error), error, error.__traceback__)
        raise
    with CancelScope(shield=True):
        await on_disk(desk, place.__exit__, None, None, None)
    return into.offset_bytes
