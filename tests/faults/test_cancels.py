"""Jobs cancelled at any moment: nothing of them goes on, and nothing of them is left."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from disturbing import check_nothing_kept, is_quiet
from service_rig import Rig, rig, until

from integrations.jobs import states
from integrations.jobs.cancelling import cancel

ROUNDS, AT_ONCE = 5, 3


@pytest.mark.slow
def test_a_cancelled_job_leaves_no_process_and_no_file(tmp_path: Path, film: Path) -> None:
    dice = random.Random(12)
    cancelled = 0
    with rig(tmp_path / "rig") as service:
        worker = service.worker(slots=AT_ONCE)
        service.succeeded(service.submit(film, tenant="before"), tenant="before")
        for number in range(ROUNDS):
            jobs = [(service.submit(film, tenant=f"t-{number}-{n}"), f"t-{number}-{n}") for n in range(AT_ONCE)]
            moments = sorted((dice.uniform(0.0, 4.0), job) for job in jobs)
            began_s = time.monotonic()
            for moment_s, (job, tenant) in moments:
                time.sleep(max(0.0, began_s + moment_s - time.monotonic()))
                cancelled += stop(service, job, tenant)
            until(lambda jobs=jobs: is_quiet(service, worker, jobs, AT_ONCE), 15, "the end of what was cancelled")
            for job, tenant in jobs:
                if service.job(job, tenant).state == states.CANCELLED:
                    check_nothing_kept(service, job)
        assert cancelled >= 12
        service.succeeded(service.submit(film, tenant="after"), tenant="after")  # the worker is none the worse
        assert worker.terminate() == 0


def stop(service: Rig, job: str, tenant: str) -> bool:
    """Cancel; it is at once. Whether it had not ended before."""
    stopped = cancel(service.database, service.settings, tenant, job)
    assert service.job(job, tenant).state == (states.CANCELLED if stopped else states.SUCCEEDED)
    return stopped
