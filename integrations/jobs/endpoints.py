"""Webhook endpoints of a tenant and what was sent to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from integrations.jobs.database import Database
from integrations.jobs.happenings import TOLD
from integrations.jobs.ids import is_id, new_id
from integrations.jobs.tables import deliveries, endpoints
from integrations.webhooks.signing import new_secret
from scoring.errors import QuotaReached, UnknownChoice, UnknownId

MOST_ENDPOINTS = 20


@dataclass(frozen=True, slots=True)
class Endpoint:
    """kinds: of happenings.TOLD; none means all. Times: seconds since 1970. Its secrets are not among this."""

    id: str
    url: str
    kinds: tuple[str, ...]
    created_s: float
    disabled_s: float | None
    why_disabled: str | None


@dataclass(frozen=True, slots=True)
class Sent:
    """One webhook and how it fares. id: the receiver's webhook-id. state: waiting, sending, delivered, failed.

    next_s: when it is tried next, where it is waiting. status: of the last answer, None where none came.
    """

    id: str
    job_id: str
    kind: str
    state: str
    attempts: int
    next_s: float
    status: int | None
    error: str | None
    created_s: float


def add_endpoint(database: Database, tenant: str, url: str, kinds: Sequence[str]) -> tuple[Endpoint, str]:
    """A new endpoint and its secret, which is shown this once. The URL has been checked.

    Raises UnknownChoice for an event that there is not, QuotaReached.
    """
    _check_kinds(kinds)
    secret = new_secret()
    with database.writing() as connection:
        count = select(func.count()).select_from(endpoints).where(endpoints.c.tenant_id == tenant)
        if connection.execute(count).scalar_one() >= MOST_ENDPOINTS:
            raise QuotaReached(f"there are {MOST_ENDPOINTS} webhooks, as many as may be", "Delete one first")
        made = Endpoint(new_id("hook"), url, tuple(kinds), database.now_s(connection), None, None)
        connection.execute(
            insert(endpoints).values(
                id=made.id,
                tenant_id=tenant,
                url=url,
                secrets=[secret],
                kinds=list(kinds),
                created_s=made.created_s,
            )
        )
    return made, secret


def list_endpoints(connection: Connection, tenant: str) -> list[Endpoint]:
    """A tenant's endpoints, the oldest first."""
    query = select(endpoints).where(endpoints.c.tenant_id == tenant).order_by(endpoints.c.created_s, endpoints.c.id)
    return [_endpoint(row) for row in connection.execute(query).all()]


def read_endpoint(connection: Connection, tenant: str, endpoint_id: str) -> Endpoint:
    """One of them. Raises UnknownId."""
    return _endpoint(_row(connection, tenant, endpoint_id))


def change_endpoint(
    database: Database,
    tenant: str,
    endpoint_id: str,
    *,
    url: str | None = None,
    kinds: Sequence[str] | None = None,
    enabled: bool | None = None,
) -> Endpoint:
    """Change what is given. Enabled again, it is also sent what waited meanwhile. Raises UnknownId, UnknownChoice."""
    changes: dict[str, Any] = {}
    if url is not None:
        changes["url"] = url
    if kinds is not None:
        _check_kinds(kinds)
        changes["kinds"] = list(kinds)
    with database.writing() as connection:
        row = _row(connection, tenant, endpoint_id)
        if enabled is True:
            changes |= {"disabled_s": None, "why_disabled": None}
        elif enabled is False and row.disabled_s is None:
            changes |= {"disabled_s": database.now_s(connection), "why_disabled": "its owner disabled it"}
        if changes:
            connection.execute(update(endpoints).where(endpoints.c.id == endpoint_id).values(changes))
        return read_endpoint(connection, tenant, endpoint_id)


def rotate_secret(database: Database, tenant: str, endpoint_id: str) -> str:
    """A new secret. Until the next change both sign, so that the receiver has time to take the new one over.

    Raises UnknownId.
    """
    secret = new_secret()
    with database.writing() as connection:
        row = _row(connection, tenant, endpoint_id)
        both = [secret, *row.secrets][:2]
        connection.execute(update(endpoints).where(endpoints.c.id == endpoint_id).values(secrets=both))
    return secret


def delete_endpoint(database: Database, tenant: str, endpoint_id: str) -> None:
    """Delete it and what waits for it. Raises UnknownId."""
    with database.writing() as connection:
        _row(connection, tenant, endpoint_id)
        connection.execute(delete(deliveries).where(deliveries.c.endpoint_id == endpoint_id))
        connection.execute(delete(endpoints).where(endpoints.c.id == endpoint_id))


def list_sent(connection: Connection, tenant: str, endpoint_id: str, most: int) -> list[Sent]:
    """What was or is to be sent to an endpoint, the newest first. Raises UnknownId."""
    _row(connection, tenant, endpoint_id)
    query = (
        select(deliveries)
        .where(deliveries.c.tenant_id == tenant, deliveries.c.endpoint_id == endpoint_id)
        .order_by(deliveries.c.created_s.desc(), deliveries.c.id)
        .limit(most)
    )
    return [_sent(row) for row in connection.execute(query).all()]


def replay(database: Database, tenant: str, endpoint_id: str, delivery_id: str) -> Sent:
    """Send one again, under the same webhook-id, from the start of the schedule. Raises UnknownId."""
    with database.writing() as connection:
        _row(connection, tenant, endpoint_id)
        mine = [
            deliveries.c.id == delivery_id,
            deliveries.c.tenant_id == tenant,
            deliveries.c.endpoint_id == endpoint_id,
        ]
        again = {"state": "waiting", "attempts": 0, "next_s": database.now_s(connection)}
        changed = connection.execute(update(deliveries).where(*mine).values(again))
        if not changed.rowcount:
            raise UnknownId(f"there is no delivery {delivery_id[:80]}", "See the webhook's list of deliveries")
        return _sent(connection.execute(select(deliveries).where(*mine)).one())


def _check_kinds(kinds: Sequence[str]) -> None:
    for kind in kinds:
        if kind not in TOLD:
            raise UnknownChoice.among("event", kind[:60], list(TOLD))


def _row(connection: Connection, tenant: str, endpoint_id: str) -> Row[Any]:
    row = None
    if is_id(endpoint_id):
        mine = select(endpoints).where(endpoints.c.id == endpoint_id, endpoints.c.tenant_id == tenant)
        row = connection.execute(mine).one_or_none()
    if row is None:
        raise UnknownId(f"there is no webhook {endpoint_id[:80]}", "Check the id")
    return row


def _endpoint(row: Row[Any]) -> Endpoint:
    return Endpoint(row.id, row.url, tuple(row.kinds), row.created_s, row.disabled_s, row.why_disabled)


def _sent(row: Row[Any]) -> Sent:
    return Sent(
        id=row.id,
        job_id=row.job_id,
        kind=row.kind,
        state=row.state,
        attempts=row.attempts,
        next_s=row.next_s,
        status=row.status,
        error=row.error,
        created_s=row.created_s,
    )
