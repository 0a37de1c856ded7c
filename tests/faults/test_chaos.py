"""Everything at once: two tenants, workers that die, jobs that are cancelled. At the end the books are right."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from disturbing import Killer, check_nothing_kept, check_published_once, gone, leased, made_by
from service_rig import rig, until

from integrations.jobs import states
from integrations.jobs.cancelling import cancel

JOBS, CANCELS, SECONDS = 12, 4, 40.0


@pytest.mark.slow
def test_nothing_is_lost_while_workers_die_and_jobs_are_cancelled(tmp_path: Path, film: Path) -> None:
    dice = random.Random(33)
    with rig(tmp_path / "rig", CUESMITH_LEASE_S="6", CUESMITH_BEAT_S="1") as service:
        killer = Killer(service, [service.worker(), service.worker()], dice)
        # Two tenants, each with films of its own: seeds differ, so that no job is spared by another's result.
        jobs = [(service.submit(film, tenant=f"tenant-{n % 2}", wish={"seed": n // 2}), n) for n in range(JOBS)]
        cancelled = set()
        began_s = time.monotonic()
        trees = 0
        while time.monotonic() - began_s < SECONDS:
            killer.kill_child(1.0)
            if dice.random() < 0.15 and len(cancelled) < CANCELS:
                job, n = dice.choice(jobs)
                if cancel(service.database, service.settings, f"tenant-{n % 2}", job):
                    cancelled.add(job)
            if trees < 2 and time.monotonic() - began_s > SECONDS * (trees + 1) / 3 and killer.kill_tree() is not None:
                trees += 1
                killer.workers.append(service.worker())
        killer.settle()
        made: dict[int, list[dict[str, str]]] = {}
        for job, n in jobs:
            view = service.ended(job, 240, f"tenant-{n % 2}")
            if job in cancelled:
                assert view.state == states.CANCELLED
            else:
                made.setdefault(n // 2, []).append(made_by(service, job, f"tenant-{n % 2}"))
        assert all(pair == [pair[0]] * len(pair) for pair in made.values())  # a seed's film is the same for both
        assert killer.kills >= 5
        assert not leased(service)
        until(lambda: not list(service.settings.work.iterdir()), 60, "an empty work folder")
        families = [process for worker in killer.workers for process in worker.family()]
        for worker in killer.workers:
            assert worker.terminate() == 0
        gone(families)
        for job in cancelled:
            check_nothing_kept(service, job)
        check_published_once(service, [job for job, _ in jobs if job not in cancelled])
