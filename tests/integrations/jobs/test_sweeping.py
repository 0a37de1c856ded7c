"""What is kept long enough goes: files first, rows after, and nothing that another job still uses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from jobs_by_hand import submit, take, view, work_off
from sqlalchemy import select, update

from integrations.jobs.cancelling import cancel, delete_job
from integrations.jobs.database import Database
from integrations.jobs.leasing import finish
from integrations.jobs.reaping import expire
from integrations.jobs.sweeping import sweep
from integrations.jobs.tables import artefacts, jobs, results, units
from integrations.service.settings import ServiceSettings
from integrations.storage.opening import open_storage
from integrations.storage.storage import Storage
from integrations.work.task import File, Outcome
from scoring.errors import Gone


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    with open_storage(str(tmp_path / "storage")) as made:
        yield made


def analyse(database: Database, settings: ServiceSettings, storage: Storage) -> str:
    """A job that was analysed, its file really stored; the file's key."""
    submit(database, kind="analyse")
    lease = take(database, settings)
    stored = storage.put_bytes(b"{}", f"{lease.task.prefix}/analysis.json")
    row = File("analysis.json", stored.key, stored.size_bytes, stored.sha256, "application/json", True)
    assert finish(database, settings, (lease.unit_id, lease.token), Outcome((row,)))
    return stored.key


def make_old(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(update(jobs).values(expires_s=1.0))
        connection.execute(update(results).values(used_s=1.0))


def test_a_job_expires_and_its_files_go(database: Database, settings: ServiceSettings, storage: Storage) -> None:
    key = analyse(database, settings, storage)
    with database.reading() as connection:
        job_id = connection.execute(select(jobs.c.id)).scalar_one()
    assert expire(database, settings) == []
    make_old(database)
    assert expire(database, settings) == [job_id]
    with pytest.raises(Gone):
        view(database, job_id)
    for _ in range(3):
        sweep(database, storage, settings)
    assert not storage.exists(key)
    with database.reading() as connection:
        for table in (units, artefacts, results):
            assert not connection.execute(select(table)).all()


def test_a_file_that_another_job_uses_stays(database: Database, settings: ServiceSettings, storage: Storage) -> None:
    key = analyse(database, settings, storage)
    with database.reading() as connection:
        first = connection.execute(select(jobs.c.id)).scalar_one()
    second = submit(database, kind="analyse")
    assert work_off(database, settings) == []  # found, not made
    delete_job(database, "ann", first)
    make_old_results_only(database)
    for _ in range(3):
        sweep(database, storage, settings)
    assert storage.exists(key)
    assert [a.storage_key for a in view(database, second).artefacts] == [key]


def make_old_results_only(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(update(results).values(used_s=1.0))


def test_an_open_job_never_expires(database: Database, settings: ServiceSettings) -> None:
    job_id = submit(database)
    with database.writing() as connection:
        connection.execute(update(jobs).values(expires_s=1.0))
    assert expire(database, settings) == []
    cancel(database, settings, "ann", job_id)
    assert expire(database, settings) == []  # the end sets a new date


def test_a_sweep_that_broke_off_is_taken_up(database: Database, settings: ServiceSettings, storage: Storage) -> None:
    key = analyse(database, settings, storage)
    make_old(database)
    expire(database, settings)
    storage.delete_prefix(key)  # as if the sweep had died between the file and its row
    for _ in range(3):
        sweep(database, storage, settings)
    with database.reading() as connection:
        assert not connection.execute(select(units)).all()
