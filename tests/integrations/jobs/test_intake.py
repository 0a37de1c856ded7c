"""Taking jobs in: once, within the quota, and whole."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from jobs_by_hand import asked, submit, view
from sqlalchemy import func, select

from integrations.jobs.cancelling import cancel
from integrations.jobs.database import Database
from integrations.jobs.intake import take_in
from integrations.jobs.tables import jobs
from integrations.jobs.tenants import Tenant
from integrations.service.settings import Quota, ServiceSettings
from scoring.errors import Conflict, Gone, InputError, QuotaReached, UnknownId

ANN, BOB = Tenant("ann", Quota()), Tenant("bob", Quota())


def test_the_same_request_twice_is_one_job(database: Database) -> None:
    first = take_in(database, ANN, asked(same="a"))
    again = take_in(database, ANN, asked(same="a"))
    assert (again.job_id, first.was_there, again.was_there) == (first.job_id, False, True)
    assert take_in(database, BOB, asked("bob", same="a")).job_id != first.job_id


def test_a_hundred_parallel_requests_with_one_key_are_one_job(database: Database) -> None:
    found: set[str] = set()
    start = threading.Barrier(20)

    def ask() -> None:
        start.wait()
        for _ in range(5):
            found.add(take_in(database, ANN, asked(same="k")).job_id)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(jobs)).scalar_one() == 1


def test_one_key_for_two_requests_is_a_conflict(database: Database) -> None:
    take_in(database, ANN, asked(same="a"))
    with pytest.raises(Conflict, match="'a'"):
        take_in(database, ANN, asked(same="a", wish={"style": "ambient"}))


def test_a_tenant_at_its_quota_is_told_so_until_a_job_ends(database: Database, settings: ServiceSettings) -> None:
    small = Quota(waiting_jobs=2)
    first = submit(database, quota=small)
    submit(database, quota=small)
    with pytest.raises(QuotaReached, match="2 jobs"):
        submit(database, quota=small)
    cancel(database, settings, "ann", first)
    submit(database, quota=small)


def test_a_film_job_needs_a_film_and_a_song_has_none(database: Database) -> None:
    with pytest.raises(InputError):
        take_in(database, ANN, replace(asked(), source=None))
    song = replace(asked(kind="music", music={"duration_s": 20}), source={"key": "x"})
    with pytest.raises(InputError):
        take_in(database, ANN, song)


def test_another_tenants_job_is_no_job(database: Database, settings: ServiceSettings) -> None:
    job_id = submit(database)
    errors = []
    for wanted in (job_id, "job_" + "0" * 32, "nonsense", "", "x" * 1000):
        with pytest.raises(UnknownId) as caught:
            view(database, wanted, "bob")
        errors.append(caught.value.what.replace(wanted[:80], ""))
    assert len(set(errors)) == 1
    with pytest.raises(UnknownId):
        cancel(database, settings, "bob", job_id)


def test_a_deleted_job_is_gone_and_not_unknown(database: Database, settings: ServiceSettings) -> None:
    from integrations.jobs.cancelling import delete_job

    job_id = submit(database)
    with pytest.raises(Conflict, match="queued"):
        delete_job(database, "ann", job_id)
    cancel(database, settings, "ann", job_id)
    delete_job(database, "ann", job_id)
    with pytest.raises(Gone):
        view(database, job_id)
