"""Who is told what, on both kinds of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from databases import opened

from integrations.bell import books
from integrations.bell.messages import Sent
from integrations.jobs.cancelling import cancel, delete_job
from integrations.jobs.database import Database
from integrations.jobs.intake import Ask, take_in
from integrations.jobs.orders import read_order
from integrations.jobs.tenants import Tenant, ensure_tenant
from integrations.service.settings import Quota, ServiceSettings

SETTINGS = ServiceSettings.from_env({"CUESMITH_DATA": "/nowhere"})


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A service's own database, empty."""
    made = opened(url)
    yield made
    made.close()


def job(database: Database, task_id: str) -> str:
    ensure_tenant(database, "local")
    source = {"key": "films/local/a", "sha256": 64 * "0", "size_bytes": 1, "name": "a"}
    order = read_order({"kind": "analyse"})
    taken = take_in(database, Tenant("local", Quota()), Ask(order, source, same=f"task:{task_id}"))
    books.note(database, Sent(task_id, "cuesmith.analyse", [], {}, reply_to="q"), "local", taken.job_id)
    return taken.job_id


def test_each_change_is_told_once_and_after_the_end_nothing(database: Database) -> None:
    job_id = job(database, "t")
    (due,) = books.take_due(database, "a")
    assert due.job is not None
    assert (due.task_id, due.told, due.job.id, due.job.state) == ("t", 0, job_id, "queued")
    assert books.take_due(database, "b") == []  # it is being told
    assert books.settle(database, "a", due, is_over=False)
    assert books.take_due(database, "b") == []  # nothing new
    cancel(database, SETTINGS, "local", job_id)
    (due,) = books.take_due(database, "b")
    assert books.settle(database, "b", due, is_over=True)
    delete_job(database, "local", job_id)
    assert books.take_due(database, "a") == []


def test_who_was_slow_has_it_told_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = job(database, "t")
    monkeypatch.setattr(books, "_HOLD_S", -1.0)  # it lapses at once
    (slow,) = books.take_due(database, "slow")
    cancel(database, SETTINGS, "local", job_id)
    (due,) = books.take_due(database, "quick")
    assert books.settle(database, "quick", due, is_over=True)
    assert not books.settle(database, "slow", slow, is_over=False)  # its older news came last
    (again,) = books.take_due(database, "any")
    assert again.job is not None
    assert again.job.state == "canceled"


def test_a_deleted_job_is_told_of_as_gone(database: Database) -> None:
    job_id = job(database, "t")
    cancel(database, SETTINGS, "local", job_id)
    delete_job(database, "local", job_id)
    (due,) = books.take_due(database, "a")
    assert due.job is None


def test_what_was_wiped_is_told_again_but_not_what_is_long_over(database: Database) -> None:
    for name in ("old", "new"):
        cancel(database, SETTINGS, "local", job(database, name))
    for due in books.take_due(database, "a"):
        books.settle(database, "a", due, is_over=True)
    books.tell_all_again(database, -60.0)
    assert books.take_due(database, "a") == []
    books.tell_all_again(database, 60.0)
    assert {due.task_id for due in books.take_due(database, "a")} == {"old", "new"}


def test_a_revoke_finds_the_jobs_of_its_tasks(database: Database) -> None:
    first, second = job(database, "one"), job(database, "two")
    books.note(database, Sent("three", "cuesmith.analyse", [], {}), "local", second)
    books.note(database, Sent("three", "cuesmith.analyse", [], {}), "local", first)  # changes nothing
    assert sorted(books.jobs_of(database, ["one", "three", "four"])) == sorted([("local", first), ("local", second)])
    assert books.is_known(database, "three")
    assert not books.is_known(database, "four")
