"""A tenant with a long queue, then another with one job; and what a long queue costs everybody."""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from service_rig import until

from integrations.jobs import states
from integrations.jobs.claiming import claim
from integrations.jobs.leasing import release
from load.serving import Served, ask, ended, fresh, head, machine, served, show, upload

_QUEUES = ("fetch", "media", "compose", "gpu")
_DEADLINE_S = 600.0


def measure(options: argparse.Namespace, folder: Path) -> None:
    """Print costs with a short and a long queue, then how soon a second tenant is served."""
    from disturbing import small_film

    film = small_film(folder / "film.mp4")
    environment = {"CUESMITH_QUOTA_JOBS": str(options.count + 10), "CUESMITH_QUOTA_REQUESTS": "1000000"}
    print(f"{options.count} jobs queued; {machine()}")
    with served(folder / "service", 0, **environment) as service, service.client() as client:
        source = upload(client, film)
        head()
        took: list[float] = []
        jobs: list[str] = []
        for seed in range(options.count):
            began_s = time.perf_counter()
            jobs.append(ask(client, source, wish={"seed": seed}))
            took.append(time.perf_counter() - began_s)
            if len(jobs) == min(10, options.count):
                costs(service, jobs, f"{len(jobs)} queued")
        costs(service, jobs, f"{len(jobs)} queued")
        show("POST /v1/jobs, while the queue grew", took)
        second(service, film, folder, options.tries)
        for job in jobs:
            client.post(f"/v1/jobs/{job}/cancel").raise_for_status()


def costs(service: Served, jobs: list[str], when: str) -> None:
    """What a claim, a read and a list take with so many waiting; claims are given back."""
    settings, database = service.rig.settings, service.rig.database

    def take() -> None:
        lease = claim(database, settings, "benchmark", _QUEUES)
        assert lease is not None
        held.append((lease.unit_id, lease.token))

    held: list[tuple[str, int]] = []
    claims = []
    for _ in range(50):
        claims.append(seconds(take))
        release(database, held.pop())
    show(f"claim, {when}", claims)
    with service.client() as client:
        reads = [seconds(lambda job=job: client.get(f"/v1/jobs/{job}").raise_for_status()) for job in jobs[:100]]
        lists = [seconds(lambda: client.get("/v1/jobs", params={"limit": 50}).raise_for_status()) for _ in range(50)]
    show(f"GET /v1/jobs/{{id}}, {when}", reads)
    show(f"GET /v1/jobs?limit=50, {when}", lists)


def seconds(call: Callable[[], object]) -> float:
    """Wall seconds."""
    began_s = time.perf_counter()
    call()
    return time.perf_counter() - began_s


def second(service: Served, film: Path, folder: Path, tries: int) -> None:
    """One worker slot works on the first tenant's queue; then, one after another, jobs of a second tenant."""
    rig = service.rig
    rig.worker(slots=1)

    def lengths() -> list[float]:
        with service.client() as client:
            done = client.get("/v1/jobs", params={"state": states.SUCCEEDED, "limit": 200}).json()["jobs"]
        return [job["ended_s"] - job["started_s"] for job in done]

    until(lambda: len(lengths()) >= 2, _DEADLINE_S, "the first tenant's second job")
    starts, wholes, dice = [], [], random.Random(1)
    with service.client(rig.key("second")) as client:
        for number in range(tries):
            source = upload(client, fresh(film, f"second-{number}", folder))
            time.sleep(dice.uniform(0.0, statistics.median(lengths())))  # anywhere in the work on the first one's queue
            asked_s = time.time()
            job = ended(client, ask(client, source))
            first = min(unit.started_s for unit in rig.units(job["id"]))
            starts.append(first - asked_s)
            wholes.append(job["ended_s"] - asked_s)
    length_s = statistics.median(lengths())
    print(
        f"\none slot; {len(lengths())} of the first tenant's jobs were done meanwhile, "
        f"their median length {length_s:.2f} s"
    )
    head()
    show("the second tenant's first unit begins after", starts, "s", 1.0)
    show("its whole job is done after", wholes, "s", 1.0)
    print(f"the longest start is {max(starts) / length_s:.2f} job lengths (goal: at most 2); {machine()}")
