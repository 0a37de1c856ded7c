"""How long reading a job takes while two workers are busy."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from film import make

from load.serving import Watch, ask, fresh, head, machine, served, show, upload

GOAL_MS = 50.0
_STALE_S = 300.0


def measure(options: argparse.Namespace, folder: Path) -> None:
    """Reads at a steady pace over one connection, of a job that is being done, until there were enough."""
    film = options.film or make(options.films / "film60-small.mp4", "640x360", "1M")
    with served(folder / "service", 2) as service, service.client() as client:
        films = [upload(client, fresh(film, f"read-{n}", folder)) for n in range(options.jobs)]
        idle = paced(lambda: client.get("/v1/uploads/" + films[0]).raise_for_status(), options.reads // 5, options.rate)
        jobs = [ask(client, each) for each in films]
        took: list[float] = []
        busy = 0
        step_s, next_s = 1.0 / options.rate, time.perf_counter()
        until_s = time.monotonic() + _STALE_S + options.reads / options.rate
        print(f"{options.jobs} films, two workers beside the API, {options.rate:g} reads a second; {machine()}")
        with Watch(service.process.pid) as watch:
            while len(took) < options.reads and time.monotonic() < until_s:
                began_s = time.perf_counter()
                job = client.get(f"/v1/jobs/{jobs[0]}").raise_for_status().json()
                took.append(time.perf_counter() - began_s)
                if job["has_ended"]:
                    jobs.append(ask(client, upload(client, fresh(film, f"more-{len(took)}", folder))))
                    jobs.pop(0)
                if len(took) % 50 == 0:
                    busy += sum(unit.state == "leased" for each in jobs for unit in service.rig.units(each))
                next_s = max(next_s + step_s, time.perf_counter())
                time.sleep(max(0.0, next_s - time.perf_counter()))
        head()
        show("GET /v1/uploads/{id}, nobody at work", idle)
        show(f"GET /v1/jobs/{{id}} (goal: p95 < {GOAL_MS:g} ms)", took)
        print(
            f"units being done at a look: {busy / max(1, len(took) // 50):.1f}; the API with its workers' threads took "
            f"{watch.cpu_s:.1f} s of processor in {watch.wall_s:.0f} s; {watch.memory()}; {machine()}"
        )
        for each in jobs:
            client.post(f"/v1/jobs/{each}/cancel")


def paced(call: Callable[[], object], count: int, rate: float) -> list[float]:
    """Seconds of each of some calls, so many a second."""
    took = []
    for _ in range(count):
        began_s = time.perf_counter()
        call()
        took.append(time.perf_counter() - began_s)
        time.sleep(max(0.0, 1.0 / rate - took[-1]))
    return took
