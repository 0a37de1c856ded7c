"""Webhooks that wait in the database, between several senders."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from databases import opened
from sqlalchemy import select

from integrations.jobs.database import Database
from integrations.jobs.endpoints import add_endpoint, change_endpoint
from integrations.jobs.happenings import tell
from integrations.jobs.outbox import CLAIM_S, DatabaseOutbox
from integrations.jobs.tables import deliveries
from integrations.jobs.tenants import ensure_tenant
from integrations.webhooks.post import Attempt

GOOD = Attempt(200, True, False, None, 0.1)
BAD = Attempt(503, False, False, "the receiver answered 503", 0.1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    base = opened(f"sqlite:///{tmp_path / 'x.db'}")
    ensure_tenant(base, "ann")
    yield base
    base.close()


def waiting(database: Database, count: int) -> str:
    endpoint, _ = add_endpoint(database, "ann", "https://hooks.example.com/x", [])
    with database.writing() as connection:
        for number in range(count):
            tell(connection, database.now_s(connection), tenant="ann", job_id=f"job_{number}", kind="job.succeeded")
    return endpoint.id


def now() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=1)


def test_no_delivery_is_given_to_two_senders(database: Database) -> None:
    waiting(database, 40)
    outboxes = [DatabaseOutbox(database) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        given = [d.id for due in pool.map(lambda outbox: outbox.due(now(), 8), outboxes) for d in due]
    assert len(given) == len(set(given)) == 40


def test_what_a_sender_that_died_had_claimed_comes_back(database: Database) -> None:
    waiting(database, 1)
    outbox = DatabaseOutbox(database)
    (first,) = outbox.due(now(), 8)
    assert outbox.due(now(), 8) == []
    (again,) = outbox.due(now() + timedelta(seconds=CLAIM_S + 1), 8)
    assert again.id == first.id
    assert again.event == first.event


def test_attempts_are_kept_and_told(database: Database) -> None:
    waiting(database, 3)
    told: list[str] = []
    outbox = DatabaseOutbox(database, told.append)
    one, two, three = outbox.due(now(), 8)
    later = now() + timedelta(seconds=5)
    outbox.record(one.id, GOOD, None)
    outbox.record(two.id, BAD, later)
    outbox.record(three.id, BAD, None)
    with database.reading() as connection:
        rows = {row.id: row for row in connection.execute(select(deliveries)).all()}
    assert [rows[d.id].state for d in (one, two, three)] == ["delivered", "waiting", "failed"]
    assert rows[two.id].next_s == later.timestamp()
    assert rows[two.id].error == "the receiver answered 503"
    assert told == ["delivered", "retry", "failed"]
    (again,) = outbox.due(later, 8)
    assert (again.id, again.attempts) == (two.id, 1)


def test_a_disabled_receiver_gets_what_waited_once_it_is_enabled(database: Database) -> None:
    endpoint = waiting(database, 2)
    outbox = DatabaseOutbox(database)
    outbox.disable(endpoint)
    assert outbox.due(now(), 8) == []
    change_endpoint(database, "ann", endpoint, enabled=True)
    assert len(outbox.due(now(), 8)) == 2
