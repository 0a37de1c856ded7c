"""Events that wait to be told, told. Where they wait is the outbox's business."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from integrations.outbound.client import Client
from integrations.webhooks.post import Attempt, Event, post_event
from integrations.webhooks.schedule import next_delay_s
from scoring.errors import InputError

_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one endpoint. secrets: the newest first. attempts: made before this one."""

    id: str
    endpoint_id: str
    url: str
    secrets: tuple[str, ...]
    event: Event
    attempts: int


class Outbox(Protocol):
    """Where deliveries wait. Called from one thread."""

    def due(self, now: datetime, limit: int) -> Sequence[Delivery]:
        """At most limit deliveries whose time has come and whose endpoint is not disabled, each claimed for two minutes
        or more, so that nobody else is given it meanwhile."""
        ...

    def record(self, delivery_id: str, attempt: Attempt, next_at: datetime | None) -> None:
        """Keep an attempt and when the next is, None where there is none: it was delivered, or given up."""
        ...

    def disable(self, endpoint_id: str) -> None:
        """Give an endpoint nothing more until its owner enables it: it answered 410."""
        ...


def deliver_due(
    outbox: Outbox,
    client: Client,
    *,
    now: Callable[[], datetime],
    jitter: Callable[[], float],
    limit: int = 32,
    at_once: int = _AT_ONCE,
) -> int:
    """Make one attempt for each delivery that is due, and record it. Returns how many were made; 0: nothing is due.

    now: the time of day, with its zone. jitter: random, 0 to 1. at_once: attempts side by side, so that one slow
    receiver holds up nobody. An outbox that fails between an attempt and its record has it made again: at least once,
    under the same webhook-id.
    """
    deliveries = outbox.due(now(), limit)
    if not deliveries:
        return 0

    def attempt(delivery: Delivery) -> Attempt:
        try:
            return post_event(delivery.url, delivery.secrets, delivery.event, client=client, now=now())
        except InputError as error:  # a row that can never be sent must not hold up the others
            return Attempt(None, False, False, error.what, 0.0)

    with ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="webhook") as pool:
        for delivery, made in zip(deliveries, pool.map(attempt, deliveries), strict=True):
            outbox.record(delivery.id, made, _next_at(delivery, made, now(), jitter()))
            if made.gone:
                outbox.disable(delivery.endpoint_id)
    return len(deliveries)


def _next_at(delivery: Delivery, made: Attempt, now: datetime, jitter: float) -> datetime | None:
    if made.delivered or made.gone:
        return None
    delay_s = next_delay_s(delivery.attempts + 1, jitter=jitter, asked_s=made.asked_s)
    return None if delay_s is None else now + timedelta(seconds=delay_s)
