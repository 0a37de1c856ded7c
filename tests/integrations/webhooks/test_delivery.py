"""Deliveries over days, with a clock of our own and real receivers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from receivers import Said, receiving

from integrations.outbound.client import Client
from integrations.outbound.guard import Guard
from integrations.webhooks.delivery import Delivery, deliver_due
from integrations.webhooks.post import Attempt, Event
from integrations.webhooks.schedule import DELAYS_S, MOST_ASKED_S
from integrations.webhooks.signing import new_secret, verify

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
SECRET = new_secret()


@dataclass
class Memory:
    """An outbox in memory."""

    waiting: dict[str, tuple[datetime, Delivery]] = field(default_factory=dict)
    attempts: dict[str, list[tuple[datetime, Attempt]]] = field(default_factory=dict)
    disabled: set[str] = field(default_factory=set)
    now: datetime = START

    def put(self, url: str, delivery_id: str = "d1", endpoint_id: str = "e1", secret: str = SECRET) -> None:
        event = Event(f"msg_{delivery_id}", "job.succeeded", START, {"job": "j1"})
        self.waiting[delivery_id] = (self.now, Delivery(delivery_id, endpoint_id, url, (secret,), event, 0))

    def due(self, now: datetime, limit: int) -> Sequence[Delivery]:
        found = [d for at, d in self.waiting.values() if at <= now and d.endpoint_id not in self.disabled]
        return found[:limit]

    def record(self, delivery_id: str, attempt: Attempt, next_at: datetime | None) -> None:
        self.attempts.setdefault(delivery_id, []).append((self.now, attempt))
        _, delivery = self.waiting.pop(delivery_id)
        if next_at is not None:
            self.waiting[delivery_id] = (next_at, replace(delivery, attempts=delivery.attempts + 1))

    def disable(self, endpoint_id: str) -> None:
        self.disabled.add(endpoint_id)


def _client(*hosts: str) -> Client:
    return Client(Guard(allowed_hosts=hosts))


def _run(outbox: Memory, client: Client, jitter: float = 0.0) -> None:
    """Let the days pass, from one due delivery to the next."""
    for _ in range(100):
        deliver_due(outbox, client, now=lambda: outbox.now, jitter=lambda: jitter)
        ahead = [at for at, d in outbox.waiting.values() if d.endpoint_id not in outbox.disabled]
        if not ahead:
            return
        outbox.now = max(outbox.now, min(ahead))
    pytest.fail("it never ends")


def _waits_s(outbox: Memory, delivery_id: str = "d1") -> list[float]:
    return [(at - START).total_seconds() for at, _ in outbox.attempts[delivery_id]]


@pytest.mark.parametrize("failures", range(10))
def test_a_receiver_that_fails_k_times_is_told_after_k_delays(failures: int) -> None:
    outbox = Memory()
    with receiving(*[Said(500)] * failures, Said(200)) as receiver:
        outbox.put(receiver.url())
        _run(outbox, _client(receiver.host))
    assert _waits_s(outbox) == [sum(DELAYS_S[: n + 1]) for n in range(failures + 1)]
    assert [attempt.delivered for _, attempt in outbox.attempts["d1"]] == [False] * failures + [True]
    assert {heard.headers["webhook-id"] for heard in receiver.heard} == {"msg_d1"}
    assert len({heard.body for heard in receiver.heard}) == 1
    for heard, (at, _) in zip(receiver.heard, outbox.attempts["d1"], strict=True):
        assert verify(heard.body, heard.headers, SECRET, now=at)
    assert not outbox.disabled


def test_a_receiver_that_always_fails_is_given_up_after_75_hours_and_a_half() -> None:
    outbox = Memory()
    with receiving(Said(500)) as receiver:
        outbox.put(receiver.url())
        _run(outbox, _client(receiver.host))
        assert len(receiver.heard) == 10
    assert round(_waits_s(outbox)[-1] / 3600, 1) == 75.6
    assert outbox.waiting == {}


def test_410_ends_it_and_disables_the_endpoint_and_no_other() -> None:
    outbox = Memory()
    with receiving(Said(500), Said(410)) as gone, receiving() as well:
        outbox.put(gone.url(), "d1", "e1")
        outbox.put(well.url(), "d2", "e2")
        _run(outbox, _client(gone.host, well.host))
        outbox.put(gone.url(), "d3", "e1")
        outbox.put(well.url(), "d4", "e2")
        _run(outbox, _client(gone.host, well.host))
        assert len(gone.heard) == 2
    assert outbox.disabled == {"e1"}
    assert set(outbox.waiting) == {"d3"}
    assert set(outbox.attempts) == {"d1", "d2", "d4"}


def test_retry_after_moves_the_next_attempt_and_not_for_ever() -> None:
    outbox = Memory()
    asks = [Said(429, b"", {"Retry-After": "60"}), Said(503, b"", {"Retry-After": "999999999"}), Said(200)]
    with receiving(*asks) as receiver:
        outbox.put(receiver.url())
        _run(outbox, _client(receiver.host))
    assert _waits_s(outbox) == [0.0, 60.0, 60.0 + MOST_ASKED_S]


def test_jitter_comes_on_top() -> None:
    outbox = Memory()
    with receiving(Said(500), Said(500), Said(200)) as receiver:
        outbox.put(receiver.url())
        _run(outbox, _client(receiver.host), jitter=0.5)
    assert _waits_s(outbox) == pytest.approx([0.0, 5.25, 320.25])


def test_a_slow_receiver_and_a_row_that_cannot_be_sent_hold_up_nobody() -> None:
    outbox = Memory()
    with receiving(Said(body=b"x" * 20, drip_s=0.05)) as slow, receiving() as quick:
        outbox.put(slow.url(), "slow")
        outbox.put("http://127.0.0.1:1/", "refused")
        outbox.put(quick.url(), "unsigned", secret="whsec_short")
        for n in range(20):
            outbox.put(quick.url(), f"d{n}")
        assert deliver_due(outbox, _client(slow.host, quick.host), now=lambda: outbox.now, jitter=lambda: 0.0) == 23
        assert len(quick.heard) == 20
    assert all(outbox.attempts[f"d{n}"][0][1].delivered for n in range(20))
    assert outbox.attempts["slow"][0][1].delivered
    for delivery_id in ("refused", "unsigned"):
        assert outbox.attempts[delivery_id][0][1].error
        assert outbox.waiting[delivery_id][0] == START + timedelta(seconds=5)


def test_no_more_than_the_limit_is_taken_and_nothing_is_done_where_nothing_is_due() -> None:
    outbox = Memory()
    with receiving() as receiver:
        for n in range(5):
            outbox.put(receiver.url(), f"d{n}")
        made = [
            deliver_due(outbox, _client(receiver.host), now=lambda: outbox.now, jitter=lambda: 0.0, limit=2)
            for _ in range(4)
        ]
    assert made == [2, 2, 1, 0]


def test_an_attempt_that_could_not_be_recorded_is_made_again_under_the_same_id() -> None:
    class Failing(Memory):
        def record(self, delivery_id: str, attempt: Attempt, next_at: datetime | None) -> None:
            if not self.attempts:
                self.attempts["lost"] = [(self.now, attempt)]
                raise ConnectionError("the database went away")
            super().record(delivery_id, attempt, next_at)

    outbox = Failing()
    with receiving() as receiver:
        outbox.put(receiver.url())
        with pytest.raises(ConnectionError):
            deliver_due(outbox, _client(receiver.host), now=lambda: outbox.now, jitter=lambda: 0.0)
        _run(outbox, _client(receiver.host))
    assert [heard.headers["webhook-id"] for heard in receiver.heard] == ["msg_d1", "msg_d1"]
