"""A broker that is killed, wiped, full or was never there: it only rings, so every job ends all the same."""

from __future__ import annotations

import signal
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from disturbing import all_ended, holder, made_by
from redis_server import RedisServer, redis_server
from service_rig import Rig, rig, until

from integrations.bell.ring import Ringer, ringer
from integrations.jobs import states

QUEUES = ("media", "compose")


def rung(root: Path, broker: RedisServer) -> AbstractContextManager[Rig]:
    """A rig whose workers hear a broker."""
    return rig(root, CUESMITH_BROKER_URL=broker.url)


@pytest.mark.slow
def test_a_broker_killed_and_wiped_in_mid_load_loses_no_job(
    tmp_path: Path, film: Path, undisturbed: dict[str, str]
) -> None:
    with redis_server(tmp_path / "redis", aof=False) as broker, rung(tmp_path / "rig", broker) as service:
        ring = ringer(service.settings)
        workers = [service.worker(), service.worker()]
        jobs = [(service.submit(film, tenant=f"tenant-{n}"), f"tenant-{n}") for n in range(4)]
        for queue in QUEUES:
            ring(queue)
        holder(service, workers, "spot")
        broker.wipe()
        holder(service, workers, "compose")
        broker.kill()
        jobs.append((service.submit(film, tenant="while-down"), "while-down"))
        ring("media")  # nobody hears it, and nobody is told that it went wrong
        holder(service, workers, "finish")
        broker.start()
        until(lambda: all_ended(service, jobs), 180, "the end of all jobs")
        for job, tenant in jobs:
            assert made_by(service, job, tenant) == undisturbed
        assert [worker.terminate() for worker in workers] == [0, 0]


@pytest.mark.slow
def test_a_worker_starts_works_and_stops_without_its_broker(tmp_path: Path, film: Path) -> None:
    broker = RedisServer(tmp_path / "redis")
    with rung(tmp_path / "rig", broker) as service:
        worker = service.worker()
        service.succeeded(service.submit(film, kind="analyse"))
        assert worker.terminate(signal.SIGTERM) == 0
        worker = service.worker(CUESMITH_POLL_S="600")  # this one hardly looks by itself
        until(lambda: "at work" in worker.log.read_text(), 60, "a worker at work")
        ring = ringer(service.settings)
        broker.start()
        try:
            job = service.submit(film, tenant="later", kind="analyse")

            def wakes() -> bool:
                ring("media")
                return service.job(job, "later").state != states.QUEUED

            until(wakes, 60, "a worker that hears the bell")
            service.succeeded(job, tenant="later")
        finally:
            broker.kill()
        assert worker.terminate(signal.SIGTERM) == 0


@pytest.mark.slow
def test_a_full_broker_stops_no_job(tmp_path: Path, film: Path) -> None:
    with (
        redis_server(tmp_path / "redis", maxmemory_bytes=1_000_000) as broker,
        rung(tmp_path / "rig", broker) as service,
    ):
        worker = service.worker()
        ring = Ringer(service.settings)
        jobs = [(service.submit(film, tenant=f"tenant-{n}", kind="analyse"), f"tenant-{n}") for n in range(2)]
        ring("media")
        until(lambda: ring.is_heard is not None, 30, "the broker's answer")
        assert ring.is_heard is False  # it has no room for a ring
        for job, tenant in jobs:
            service.succeeded(job, tenant=tenant)
        assert worker.terminate() == 0
