"""Many readers of one job's events."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path

from film import make

from load.serving import Served, Watch, ask, ended, fresh, head, machine, served, show, upload


def measure(options: argparse.Namespace, folder: Path) -> None:
    """The same film twice: followed by nobody but one waiting read, then by all the readers."""
    film = options.film or make(options.films / "film60-small.mp4", "640x360", "1M")
    print(f"{options.count} readers; {machine()}")
    with served(folder / "service", 1) as service, service.client() as client:
        ended(client, ask(client, upload(client, fresh(film, "warm", folder))))
        with Watch(service.process.pid) as alone:
            ended(client, ask(client, upload(client, fresh(film, "alone", folder))))
        row("nobody reads", alone)
        job = ask(client, upload(client, fresh(film, "read", folder)))
        with Watch(service.process.pid) as read:
            got, late = asyncio.run(follow_all(service, job, options.count))
            ended(client, job)
        row(f"{options.count} read", read)
    each = (read.peak_bytes - max(alone.peak_bytes, read.before_bytes)) / options.count / 1e3
    print(f"that is {each:.0f} kB a reader; kinds of events that differ between readers: {len(set(got)) - 1}")
    print(f"events each: {json.loads(got[0])}")
    head()
    show("from an event's time until a reader had it", late)
    print(machine())


def row(name: str, watch: Watch) -> None:
    """One line."""
    print(f"{name:<14}{watch.wall_s:7.1f} s   {watch.cpu_s:6.2f} s of the API's processor time   {watch.memory()}")


async def follow_all(service: Served, job: str, count: int) -> tuple[list[str], list[float]]:
    """What each reader was told, as JSON of numbered events, and how late each of those was, seconds."""
    late: list[float] = []

    async def follow() -> str:
        told: list[list[object]] = []
        async with client.stream("GET", f"/v1/jobs/{job}/events") as answer:
            answer.raise_for_status()
            began_s = time.time()
            kind, number = "", ""
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "id":
                    number = value
                elif name == "event":
                    kind = value
                elif name == "data" and number:
                    at_s = json.loads(value)["at_s"]
                    told.append([int(number), kind])
                    if at_s > began_s:
                        late.append(time.time() - at_s)
                    number = ""
        return json.dumps(told)

    async with service.many(count) as client:
        got = await asyncio.gather(*(follow() for _ in range(count)))
    return list(got), late
