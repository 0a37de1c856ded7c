"""Children, workers and supervisors killed as by `kill -9`: the job goes on by itself, and comes out the same."""

from __future__ import annotations

import contextlib
import random
import re
import time
from pathlib import Path

import psutil
import pytest
from disturbing import Killer, all_ended, at_work, check_published_once, gone, hands, holder, made_by, tools, unit
from films import plain_film
from receivers import Said, receiving
from service_rig import Rig, rig, until

from integrations.jobs.intake import Ask, take_in
from integrations.jobs.leasing import attempt_prefix
from integrations.jobs.orders import read_order
from integrations.jobs.tenants import Tenant
from integrations.service.settings import Quota
from integrations.storage.opening import open_storage
from integrations.work.task import UNIT_KINDS

ROOT = Path(__file__).parents[2]
ELSEWHERE = {"intake", "task", "watch"}  # in test_intake.py, in tests/integrations/bell, in test_watch.py
MUSIC = {"prompt": "warm piano", "duration_s": 10, "output_format": "wav"}


def fault_points() -> dict[str, list[str]]:
    """kind of unit → the names of the fault points in it, from the tree itself: a new one is covered."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "integrations").rglob("*.py"))
    names = dict.fromkeys(re.findall(r'\bcheckpoint\("([a-z_.]+)"\)', text))
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(name.partition(".")[0], []).append(name)
    return found


def test_every_kind_of_unit_has_a_fault_point_and_every_fault_point_a_test() -> None:
    assert set(fault_points()) == {*UNIT_KINDS, *ELSEWHERE}


def submit_url(service: Rig, url: str) -> str:
    """A job whose film is fetched first."""
    ask = Ask(read_order({"kind": "analyse"}), {"url": url, "name": "film.mp4"})
    return take_in(service.database, Tenant("local", Quota()), ask).job_id


@pytest.mark.slow
def test_a_child_killed_at_each_fault_point_is_followed_by_one_that_goes_on(
    tmp_path: Path, film: Path, undisturbed: dict[str, str]
) -> None:
    points = {kind: names for kind, names in fault_points().items() if kind not in ELSEWHERE}
    assert max(map(len, points.values())) <= 2  # one more is a unit's last attempt: then several jobs are needed here
    flags = [(name, tmp_path / f"{name}.flag") for names in points.values() for name in names]
    crashes = ";".join(f"{name}@{flag}" for name, flag in flags)
    other = plain_film(tmp_path / "other.mp4", 2.0)
    with receiving(Said(body=other.read_bytes())) as web, rig(tmp_path / "rig") as service:
        service.worker(CUESMITH_CRASH_AT=crashes, CUESMITH_URL_SOURCES="on", CUESMITH_URL_HOSTS=web.host)
        job = service.submit(film)
        made = made_by(service, job, "local")
        assert made == undisturbed
        others = [service.submit(kind="music", music=MUSIC), submit_url(service, web.url("/film.mp4"))]
        for other_job in others:
            service.succeeded(other_job)
        assert [name for name, flag in flags if not flag.exists()] == []
        attempts = {row.kind: row.attempt for row in service.units(job)}
        assert attempts == {kind: 1 + len(points[kind]) for kind in ("analyse", "spot", "compose", "finish")}
        check_published_once(service, [job, *others])


@pytest.mark.slow
def test_twenty_kills_at_random_moments_lose_nothing_and_double_nothing(
    tmp_path: Path, film: Path, undisturbed: dict[str, str]
) -> None:
    with rig(tmp_path / "rig") as service:
        killer = Killer(service, [service.worker(), service.worker()], random.Random(20))
        jobs: list[tuple[str, str]] = []
        deadline_s = time.monotonic() + 240
        while killer.kills < 20 and time.monotonic() < deadline_s:
            if len(jobs) < 3 or all_ended(service, jobs[-2:]):
                tenant = f"tenant-{len(jobs)}"  # of its own: a tenant's second job of a film would reuse the first's
                jobs.append((service.submit(film, tenant=tenant), tenant))
            killer.kill_child(0.6)
        killer.settle()
        assert killer.kills >= 20
        for job, tenant in jobs:
            assert made_by(service, job, tenant) == undisturbed
            for row in service.units(job):
                assert row.attempt == row.token  # one for each lease: nothing that was finished is done again
        check_published_once(service, [job for job, _ in jobs])
        assert (
            max(killer.resumed_s) < 30
        )  # 5 s is the promise, on a machine that does nothing else: benchmarks/kills.py


@pytest.mark.slow
def test_a_worker_killed_with_everything_below_it_is_taken_over_from(
    tmp_path: Path, film: Path, undisturbed: dict[str, str]
) -> None:
    with rig(tmp_path / "rig") as service:  # with the leases that are the default
        pair = [service.worker(), service.worker()]
        until(lambda: len(service.logged("at work")) == 2, 60, "two workers")
        job = service.submit(film)
        victim, row = holder(service, pair, "spot")
        done_before = [before for before in service.units(job) if before.state == "done"]
        # What it may have stored by now; whoever takes over has to remove it.
        storage = open_storage(service.settings.storage_url)
        storage.put_bytes(b"half of it", f"{attempt_prefix(row.tenant_id, row.id, row.token)}/half.json")
        victim.kill_tree()
        killed_s = time.time()
        now = until(lambda: (found := unit(service, row.id)).token > row.token and found, 60, "the takeover")
        assert now.started_s - killed_s < 45  # 30 s is the promise: benchmarks/kills.py
        assert made_by(service, job, "local") == undisturbed
        after = {found.id: found for found in service.units(job)}
        assert done_before
        assert all(after[before.id].attempt == before.attempt for before in done_before)
        check_published_once(service, [job])


def test_a_killed_supervisors_child_ends_with_all_it_started(tmp_path: Path) -> None:
    film = plain_film(tmp_path / "film.mp4", 60.0, size="640x360")  # long enough for ffmpeg to be met at work
    with rig(tmp_path / "rig", CUESMITH_LEASE_S="4", CUESMITH_BEAT_S="1") as service:
        worker = service.worker()
        job = service.submit(film, kind="analyse")
        until(lambda: hands(worker) and tools(worker), 60, "ffmpeg at work")
        below = [process for process in worker.family() if process.pid != worker.pid]
        worker.popen.kill()
        worker.popen.wait()
        gone(below)
        service.worker()
        service.succeeded(job)
        check_published_once(service, [job])


def test_what_a_killed_child_had_started_is_ended_before_its_unit_is_done_again(tmp_path: Path) -> None:
    film = plain_film(tmp_path / "film.mp4", 60.0, size="640x360")
    with rig(tmp_path / "rig") as service:
        worker = service.worker()
        job = service.submit(film, kind="analyse")
        hand, orphans = until(lambda: at_work(worker), 60, "a child with ffmpeg at work")
        with contextlib.suppress(psutil.NoSuchProcess):
            hand.kill()
        gone(orphans)
        service.succeeded(job)
