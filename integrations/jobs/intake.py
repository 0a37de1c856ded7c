"""Taking a job in: checked, counted against the tenant's quota, and on disk before anybody is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from integrations.jobs import states
from integrations.jobs.advancing import add_units
from integrations.jobs.database import Database
from integrations.jobs.happenings import tell
from integrations.jobs.ids import new_id
from integrations.jobs.orders import WITH_FILM, Order, check_order
from integrations.jobs.plan import digest, first_steps
from integrations.jobs.tables import idempotency, jobs
from integrations.jobs.tenants import Tenant
from integrations.service.faults import checkpoint
from scoring.errors import Conflict, InputError, QuotaReached


@dataclass(frozen=True, slots=True)
class Ask:
    """A job to be. source: {"key", "sha256", "size_bytes", "name"} of a film in the storage, or {"url", "name"}.

    same: the client's idempotency key: asked again with it, the first job is the answer. asked: the order as the client
    said it, before an experiment chose its vocabulary; it is what such a key stands for. outside_id: a Celery task's.
    parent_id: the job that this is a revision of. arm: of an experiment. deadline_s: seconds since 1970.
    """

    order: Order
    source: Mapping[str, Any] | None = None
    upload_id: str | None = None
    same: str | None = None
    outside_id: str | None = None
    parent_id: str | None = None
    arm: Mapping[str, Any] | None = None
    deadline_s: float | None = None
    asked: Order | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """was_there: an earlier request with the same idempotency key had made it."""

    job_id: str
    was_there: bool


def take_in(database: Database, tenant: Tenant, ask: Ask) -> Taken:
    """The job's row and its first units; it is on disk when this returns.

    Raises Conflict when the idempotency key was used for something else, QuotaReached, InputError without a film.
    """
    check_order(ask.order)
    try:
        return _take_in(database, tenant, ask)
    except IntegrityError:
        # On PostgreSQL two requests with one idempotency key can both find nothing; now the second finds the first.
        return _take_in(database, tenant, ask)


def _take_in(database: Database, tenant: Tenant, ask: Ask) -> Taken:
    with database.writing() as connection:
        taken = take_in_within(connection, database.now_s(connection), tenant, ask)
        if taken.was_there:
            return taken
        checkpoint("intake.commit")
    checkpoint("intake.committed")
    return taken


def take_in_within(connection: Connection, now_s: float, tenant: Tenant, ask: Ask) -> Taken:
    """take_in inside the caller's transaction, with an order that check_order let pass; raises what take_in does."""
    if (ask.order.kind in WITH_FILM) != (ask.source is not None):
        raise InputError(f"a job of kind {ask.order.kind} and a film do not go together", "Give a film to score jobs")
    asked = digest([(ask.asked or ask.order).to_json(), dict(ask.source or {}), ask.parent_id])
    if ask.same is not None:
        before = _before(connection, tenant, ask.same, asked)
        if before is not None:
            return Taken(before, was_there=True)
    _check_quota(connection, tenant)
    job_id = new_id("job")
    connection.execute(
        insert(jobs).values(
            id=job_id,
            tenant_id=tenant.id,
            kind=ask.order.kind,
            state=states.QUEUED,
            order=ask.order.to_json(),
            source=None if ask.source is None else dict(ask.source),
            upload_id=ask.upload_id,
            parent_id=ask.parent_id,
            progress=0.0,
            notes=[],
            arm=None if ask.arm is None else dict(ask.arm),
            outside_id=ask.outside_id,
            version=1,
            created_s=now_s,
            deadline_s=ask.deadline_s,
        )
    )
    job = connection.execute(select(jobs).where(jobs.c.id == job_id)).one()
    add_units(connection, now_s, job, first_steps(ask.order, ask.source))
    if ask.same is not None:
        row = {"tenant_id": tenant.id, "key": ask.same, "digest": asked, "job_id": job_id, "created_s": now_s}
        connection.execute(insert(idempotency).values(row))
    tell(connection, now_s, tenant=tenant.id, job_id=job_id, kind="job.queued")
    return Taken(job_id, was_there=False)


def _before(connection: Connection, tenant: Tenant, same: str, asked: str) -> str | None:
    mine = [idempotency.c.tenant_id == tenant.id, idempotency.c.key == same]
    row = connection.execute(select(idempotency).where(*mine)).one_or_none()
    if row is None:
        return None
    if row.digest != asked:
        raise Conflict(f"the idempotency key {same!r} was used for another request", "Use a new key for a new request")
    job_id: str = row.job_id
    return job_id


def _check_quota(connection: Connection, tenant: Tenant) -> None:
    open_jobs = connection.execute(
        select(func.count()).where(jobs.c.tenant_id == tenant.id, jobs.c.state.not_in(states.ENDED))
    ).scalar_one()
    if open_jobs >= tenant.quota.waiting_jobs:
        raise QuotaReached(
            f"{tenant.id} has {open_jobs} jobs that have not ended, as many as it may", "Wait until one has"
        )
