"""Workers told to stop, and workers that stood still: what they held goes on elsewhere, and is published once."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

import psutil
import pytest
from disturbing import check_published_once, gone, hands, holder, made_by, unit
from service_rig import Process, Rig, rig, until


def at_work(service: Rig, worker: Process) -> None:
    """Wait until a worker takes work."""
    until(lambda: "at work" in worker.log.read_text(), 60, "a worker at work")


@pytest.mark.slow
def test_a_worker_told_to_stop_gives_back_at_once_what_it_cannot_finish(
    tmp_path: Path, film: Path, undisturbed: dict[str, str]
) -> None:
    with rig(tmp_path / "rig", CUESMITH_GRACE_S="0.05") as service:
        workers = [service.worker(), service.worker()]
        for worker in workers:
            at_work(service, worker)
        jobs = []
        for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT):
            tenant = f"tenant-{number}"
            jobs.append((service.submit(film, tenant=tenant), tenant))
            leaving, row = holder(service, workers, "analyse")
            family = leaving.family()
            told_s = time.time()
            assert leaving.terminate(number) == 0
            gone(family)
            workers.remove(leaving)
            now = until(
                lambda row=row: (found := unit(service, row.id)).token > row.token and found, 30, "the takeover"
            )
            assert now.attempt == 1  # the broken-off attempt does not count
            assert now.started_s - told_s < 15
            workers.append(service.worker())
            service.succeeded(*jobs[-1][:1], tenant=tenant)
        for job, tenant in jobs:
            assert made_by(service, job, tenant) == undisturbed
        check_published_once(service, [job for job, _ in jobs])


def test_a_worker_told_to_stop_finishes_what_it_can_and_takes_nothing_more(tmp_path: Path, film: Path) -> None:
    with rig(tmp_path / "rig", CUESMITH_GRACE_S="60") as service:
        worker = service.worker()
        job = service.submit(film)
        _, row = holder(service, [worker], "analyse")
        until(lambda: hands(worker), 30, "the child")
        family = worker.family()
        # As systemd does: every process of the service is told.
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGTERM)
        assert worker.popen.wait(90) == 0
        gone(family)
        assert not (service.settings.data / "worker.alive").exists()
        now = unit(service, row.id)
        assert (now.state, now.attempt, now.token) == ("done", 1, 1)
        assert [found.kind for found in service.units(job) if found.state == "waiting"] == ["spot"]


def test_a_worker_that_stood_still_past_its_lease_publishes_nothing_when_it_wakes(
    tmp_path: Path, film: Path, undisturbed: dict[str, str]
) -> None:
    with rig(tmp_path / "rig", CUESMITH_LEASE_S="5", CUESMITH_BEAT_S="1") as service:
        sleeper = service.worker()
        at_work(service, sleeper)
        job = service.submit(film)
        _, row = holder(service, [sleeper], "finish", 90)
        until(lambda: hands(sleeper), 30, "the child")
        time.sleep(0.5)
        asleep = sleeper.family()
        for process in asleep:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.suspend()
        service.worker()
        made = made_by(service, job, "local")
        done = unit(service, row.id)
        if done.token == row.token:
            pytest.skip("the unit was done before its worker could be stopped")
        for process in asleep:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()
        woke_s = time.monotonic()
        until(lambda: let_go(sleeper, row.id), 20, "letting go")
        assert time.monotonic() - woke_s < 20  # 2 s on a machine that does nothing else
        assert made == made_by(service, job, "local") == undisturbed
        assert unit(service, row.id) == done
        until(lambda: not list((service.settings.work).glob("job_*")), 20, "an empty work folder")
        check_published_once(service, [job])
        assert sleeper.terminate() == 0


def let_go(worker: Process, unit_id: str) -> bool:
    """Whether a worker says that it no longer does a unit."""
    lines = [line for line in worker.log.read_text().splitlines() if unit_id in line]
    return any("let go" in line or "finished too late" in line for line in lines)


def test_the_process_group_of_a_worker_is_its_own(tmp_path: Path) -> None:
    """A Ctrl-C in its terminal reaches the worker, which decides; its children are in a session of their own."""
    with rig(tmp_path / "rig") as service:
        worker = service.worker()
        service.submit(kind="music", music={"prompt": "warm piano", "duration_s": 10})
        (hand,) = until(lambda: hands(worker), 60, "the child")
        until(lambda: os.getsid(hand.pid) == hand.pid, 30, "a session of its own")
        os.killpg(worker.pid, signal.SIGINT)
        assert worker.popen.wait(60) == 0
        assert [row.attempt for row in service.units(*jobs_of(service))] == [1]


def jobs_of(service: Rig) -> list[str]:
    """All jobs."""
    from sqlalchemy import select

    from integrations.jobs.tables import jobs

    with service.database.reading() as connection:
        return list(connection.execute(select(jobs.c.id)).scalars())
