"""Disks that are full or read-only, and too few open files: tried again, typed, and the worker lives."""

from __future__ import annotations

import resource
from pathlib import Path

import psutil
import pytest
from disturbing import check_published_once, hands, holder, made_by
from service_rig import Rig, rig, until
from small_disk import small_disk

from integrations.jobs import states
from integrations.storage.opening import open_storage


def first_error(service: Rig, job: str) -> dict[str, object]:
    """What the first attempt that failed says."""

    def look() -> dict[str, object] | None:
        return next((row.error for row in service.units(job) if row.error), None)

    found: dict[str, object] = until(look, 60, "an attempt that fails")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("place", ["CUESMITH_WORK", "CUESMITH_STORAGE_URL"])
def test_a_full_disk_at_each_place_that_writes_is_tried_again_and_nothing_partial_is_seen(
    tmp_path: Path, film: Path, undisturbed: dict[str, str], place: str
) -> None:
    size_bytes = film.stat().st_size
    with small_disk(tmp_path / "disk") as disk, rig(tmp_path / "rig", **{place: str(disk.folder / "s")}) as service:
        worker = service.worker()
        jobs = []
        failed_at = set()
        for leave_bytes in (0, size_bytes // 2, size_bytes + 10_000, 3 * size_bytes):
            tenant = f"tenant-{leave_bytes}"
            disk.free()
            job = service.submit(film, tenant=tenant)
            disk.fill(leave_bytes)
            error = until(lambda job=job, tenant=tenant: outcome(service, job, tenant), 90, "an attempt that ends")
            disk.free()
            if error != {}:
                assert (error["code"], error["retry"]) == ("disk_full", "later"), error
                failed_at.add(error["stage"])
            assert made_by(service, job, tenant) == undisturbed
            jobs.append(job)
        assert "analyse" in failed_at
        assert len(failed_at) >= 2, failed_at
        check_published_once(service, jobs)
        assert worker.popen.poll() is None


def outcome(service: Rig, job: str, tenant: str) -> dict[str, object] | None:
    """An attempt's error, {} when the job ended well without one."""
    for row in service.units(job):
        if row.error:
            error: dict[str, object] = row.error
            return error
    return {} if service.job(job, tenant).state == states.SUCCEEDED else None


@pytest.mark.slow
def test_a_disk_that_stays_full_fails_the_job_and_the_next_one_is_done_once_there_is_room(
    tmp_path: Path, film: Path
) -> None:
    with small_disk(tmp_path / "disk") as disk, rig(tmp_path / "rig", CUESMITH_WORK=str(disk.folder / "w")) as service:
        service.worker()
        service.succeeded(service.submit(film, tenant="before"), tenant="before")
        disk.fill(100_000)
        job = service.submit(film)
        view = service.ended(job)
        assert (view.state, view.error["code"], view.error["attempts"]) == (states.FAILED, "disk_full", 3)
        assert view.error["advice"]
        assert str(disk.folder) not in view.error["what"]
        assert view.artefacts == ()
        storage = open_storage(service.settings.storage_url)
        assert [key for row in service.units(job) for key in storage.list_keys(f"results/local/{row.id}")] == []
        until(lambda: not (service.settings.work / job).exists(), 15, "the folder's removal")
        disk.free()
        service.succeeded(service.submit(film))


def test_a_full_disk_below_the_database_stops_nothing_for_good(tmp_path: Path, film: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        url = f"sqlite:///{disk.folder / 'cuesmith.db'}"
        (tmp_path / "rig" / "data").mkdir(parents=True)
        with rig(tmp_path / "rig", CUESMITH_DATABASE_URL=url, CUESMITH_LEASE_S="6", CUESMITH_BEAT_S="1") as service:
            worker = service.worker()
            job = service.submit(film)
            holder(service, [worker], "spot")
            disk.fill()
            until(lambda: service.logged("the pulse missed a beat"), 60, "a beat that cannot be written")
            disk.free()
            service.succeeded(job)
            check_published_once(service, [job])
            service.database.close()  # before its disk goes


def test_a_read_only_work_folder_is_an_error_that_is_tried_again(tmp_path: Path, film: Path) -> None:
    with small_disk(tmp_path / "disk") as disk, rig(tmp_path / "rig", CUESMITH_WORK=str(disk.folder)) as service:
        worker = service.worker()
        service.succeeded(service.submit(kind="music", music={"prompt": "warm piano", "duration_s": 10}))
        disk.read_only(True)
        job = service.submit(film)
        error = first_error(service, job)
        assert (error["code"], error["retry"]) == ("capacity_error", "later"), error
        assert error["advice"]
        assert str(disk.folder) not in str(error)
        disk.read_only(False)
        service.succeeded(job)
        assert worker.popen.poll() is None


def test_a_worker_without_open_files_to_spare_goes_on_when_it_has_some(tmp_path: Path, film: Path) -> None:
    with rig(tmp_path / "rig") as service:
        worker = service.worker()
        service.succeeded(service.submit(kind="music", music={"prompt": "warm piano", "duration_s": 10}))
        process = psutil.Process(worker.pid)
        usual = process.rlimit(resource.RLIMIT_NOFILE)
        for hand in hands(worker):
            hand.kill()  # so that it needs another
        process.rlimit(resource.RLIMIT_NOFILE, (process.num_fds(), usual[1]))
        job = service.submit(film)
        until(lambda: trouble(worker.log), 60, "a refusal of the system")
        process.rlimit(resource.RLIMIT_NOFILE, usual)
        service.succeeded(job)
        assert [row.attempt for row in service.units(job)] == [1] * 4  # it took nothing that it could not do
        assert worker.popen.poll() is None
        assert worker.terminate() == 0


def trouble(log: Path) -> bool:
    """Whether a worker says what it lacks."""
    return "Too many open files" in log.read_text() or "starts no child process" in log.read_text()


def test_a_child_with_few_open_files_answers_with_an_error_that_is_tried_again(tmp_path: Path, film: Path) -> None:
    with rig(tmp_path / "rig") as service:
        worker = service.worker()
        service.succeeded(service.submit(kind="music", music={"prompt": "warm piano", "duration_s": 10}))
        (hand,) = hands(worker)
        hand.rlimit(resource.RLIMIT_NOFILE, (hand.num_fds() + 1, 4096))
        job = service.submit(film)
        error = first_error(service, job)
        assert error["retry"] != "never", error
        for hand in hands(worker):
            hand.rlimit(resource.RLIMIT_NOFILE, (4096, 4096))
        service.succeeded(job)
