"""Many uploads at once: what the API process holds in memory, and whether every byte arrives."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
from film import ffmpeg

from load.serving import OFFSETS, TUS, Watch, machine, served

_BOX = 8  # the head of an MP4 box: length and name
_BLOCK_BYTES = 64 << 10


class Film:
    """Bytes of a real MP4 of exactly so many bytes, each number another one: the rest is a `free` box."""

    def __init__(self, base: bytes, number: int, size_bytes: int) -> None:
        self._base, self.size_bytes = base, size_bytes
        room = size_bytes - len(base)
        filler = hashlib.sha256(str(number).encode()).digest()
        self._box = room.to_bytes(4, "big") + b"free" + (filler * (room // len(filler) + 1))[: room - _BOX]

    async def blocks(self) -> AsyncIterator[bytes]:
        """As a client sends it."""
        for part in (self._base, self._box):
            for start in range(0, len(part), _BLOCK_BYTES):
                yield part[start : start + _BLOCK_BYTES]

    def sha256(self) -> str:
        """Of all of it."""
        return hashlib.sha256(self._base + self._box).hexdigest()


def base_film(path: Path, size_bytes: int) -> bytes:
    """A film of somewhat less than that."""
    seconds = 8
    kbit = int(0.8 * size_bytes * 8 / seconds / 1000)
    ffmpeg(
        "-f", "lavfi", "-i", f"testsrc2=s=1280x720:r=25:d={seconds}", "-vf", "noise=alls=40:allf=t", "-c:v", "libx264",
        "-preset", "ultrafast", "-b:v", f"{kbit}k", "-minrate", f"{kbit}k", "-maxrate", f"{kbit}k",
        "-bufsize", f"{kbit}k", "-pix_fmt", "yuv420p", path,
    )  # fmt: skip
    content = path.read_bytes()
    if not len(content) + _BOX < size_bytes:
        raise RuntimeError(f"the film has {len(content)} bytes")
    return content


async def send(client: httpx.AsyncClient, film: Film, form: bool) -> str:
    """One upload; its SHA-256 as the API says it. form: plain multipart, else tus: made, then filled by PATCH."""
    if form:
        edge = "cuesmith-benchmark"
        before = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="f.mp4"\r\n\r\n'.encode()
        after = f"\r\n--{edge}--\r\n".encode()

        async def body() -> AsyncIterator[bytes]:
            yield before
            async for block in film.blocks():
                yield block
            yield after

        headers = {
            "Content-Type": f"multipart/form-data; boundary={edge}",
            "Content-Length": str(len(before) + film.size_bytes + len(after)),
        }
        answer = (await client.post("/v1/uploads/file", headers=headers, content=body())).raise_for_status()
        return str(answer.json()["sha256"])
    made = await client.post("/v1/uploads", headers={**TUS, "Upload-Length": str(film.size_bytes)})
    place = made.raise_for_status().headers["Location"]
    headers = {**TUS, "Upload-Offset": "0", "Content-Type": OFFSETS}
    (await client.patch(place, headers=headers, content=film.blocks())).raise_for_status()
    return str((await client.get(place)).raise_for_status().json()["sha256"])


def measure(options: argparse.Namespace, folder: Path) -> None:
    """Rounds of all at once by tus and by form; a process that kept what it received would grow with every round."""
    size_bytes = int(options.megabytes * 1e6)
    base = base_film(folder / "base.mp4", size_bytes)
    print(f"{options.count} uploads of {size_bytes / 1e6:g} MB at once; {machine()}")
    with served(folder / "service", 0) as service:

        async def round_of(first: int, form: bool) -> tuple[float, int]:
            films = [Film(base, first + n, size_bytes) for n in range(options.count)]
            async with service.many(options.count) as client:
                began_s = time.perf_counter()
                got = await asyncio.gather(*(send(client, film, form) for film in films))
                took_s = time.perf_counter() - began_s
            return took_s, sum(sha == film.sha256() for sha, film in zip(got, films, strict=True))

        async def one() -> None:
            async with service.many(1) as client:
                await send(client, Film(base, 0, size_bytes), False)

        asyncio.run(one())
        for number in range(options.rounds):
            for form in (False, True):
                first = 1 + (2 * number + form) * options.count
                with Watch(service.process.pid) as watch:
                    took_s, right = asyncio.run(round_of(first, form))
                total = options.count * size_bytes / 1e6
                print(
                    f"round {number + 1}, {'form' if form else 'tus ':<5}{took_s:7.1f} s  {total / took_s:6.0f} MB/s  "
                    f"SHA-256 right {right} of {options.count}  {watch.memory()}  {watch.cpu_s:.1f} s of processor",
                    flush=True,
                )
    print(f"client and server on the same processors; {total:.0f} MB went through each round; {machine()}")
