"""Who works on what: a worker takes the next unit that is due, fairly among tenants, and holds it by a lease."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, exists, func, select, update

from integrations.jobs import states
from integrations.jobs.advancing import end_job, locked_job
from integrations.jobs.database import Database
from integrations.jobs.leasing import attempt_prefix, complete
from integrations.jobs.tables import jobs, results, tenants, units
from integrations.service.settings import ServiceSettings
from integrations.work.task import Outcome, Task

_BUILDS_ON: Mapping[str, tuple[str, ...]] = {
    "fetch": (),
    "analyse": (),
    "spot": ("analyse",),
    "compose": ("analyse", "spot"),
    "finish": ("analyse", "spot", "compose"),
    "music": (),
}


@dataclass(frozen=True, slots=True)
class Lease:
    """A unit that is one's own until the lease lapses. Whoever has a higher token has taken it over."""

    unit_id: str
    job_id: str
    token: int
    batch_key: str
    task: Task


def claim(
    database: Database, settings: ServiceSettings, owner: str, queues: Sequence[str], *, batch_key: str = ""
) -> Lease | None:
    """The next unit that is due, now one's own; None when there is none.

    The tenant with the fewest units being done goes first, of several the one whose turn is longest ago; of its units
    those furthest along their job, then the oldest. What was made before from the same inputs is not made again: such
    units are done at once, and the next is looked at. batch_key: only a unit, never tried before, that can be done
    together with another.
    """
    while True:
        with database.writing() as connection:
            now_s = database.now_s(connection)
            unit = _next(connection, now_s, settings, queues, batch_key)
            if unit is None:
                return None
            job = locked_job(connection, unit.job_id)
            if job.deadline_s is not None and job.state == states.QUEUED and job.deadline_s < now_s:
                end_job(connection, now_s, job, states.ABORTED, retention_s=settings.retention_s)
                continue
            lease = _lease(connection, now_s, settings, owner, unit, job)
            if lease is None:
                continue
            kept = _kept(connection, now_s, unit)
            if kept is None:
                return lease
            complete(connection, now_s, lease.unit_id, lease.token, kept, settings.retention_s)


def _next(
    connection: Connection, now_s: float, settings: ServiceSettings, queues: Sequence[str], batch_key: str
) -> Row[Any] | None:
    due = [units.c.state == "waiting", units.c.queue.in_(queues), units.c.not_before_s <= now_s]
    if batch_key:
        due += [units.c.batch_key == batch_key, units.c.attempt == 0]
    running = (
        select(units.c.tenant_id, func.count().label("running"))
        .where(units.c.state == "leased")
        .group_by(units.c.tenant_id)
        .subquery()
    )
    waiting = select(units.c.tenant_id).where(*due).distinct().subquery()
    turns = (
        select(tenants.c.id, tenants.c.quota, func.coalesce(running.c.running, 0).label("running"))
        .join(waiting, waiting.c.tenant_id == tenants.c.id)
        .outerjoin(running, running.c.tenant_id == tenants.c.id)
        .order_by("running", tenants.c.started_s, tenants.c.id)
    )
    for tenant_id, quota, count in connection.execute(turns).all():
        if count >= quota.get("running_units", settings.quota.running_units):
            continue
        mine = (
            select(units)
            .where(*due, units.c.tenant_id == tenant_id)
            .order_by(units.c.rank.desc(), units.c.created_s, units.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = connection.execute(mine).one_or_none()
        if row is not None:
            return row
    return None


def _lease(
    connection: Connection, now_s: float, settings: ServiceSettings, owner: str, unit: Row[Any], job: Row[Any]
) -> Lease | None:
    token = unit.token + 1
    taken = connection.execute(
        update(units)
        .where(units.c.id == unit.id, units.c.state == "waiting", units.c.token == unit.token)
        .values(
            state="leased",
            token=token,
            attempt=unit.attempt + 1,
            owner=owner,
            lease_until_s=now_s + settings.patience.lease_s,
            started_s=now_s,
        )
    )
    if not taken.rowcount:
        return None
    connection.execute(update(tenants).where(tenants.c.id == unit.tenant_id).values(started_s=now_s))
    return Lease(unit.id, unit.job_id, token, unit.batch_key, _task(connection, unit, token, job))


def _task(connection: Connection, unit: Row[Any], token: int, job: Row[Any]) -> Task:
    rows = connection.execute(
        select(units.c.kind, units.c.name, units.c.outcome).where(
            units.c.job_id == unit.job_id, units.c.state == "done", units.c.kind.in_(_BUILDS_ON[unit.kind])
        )
    )
    return Task(
        unit_id=unit.id,
        job_id=unit.job_id,
        tenant=unit.tenant_id,
        kind=unit.kind,
        name=unit.name,
        token=token,
        attempt=unit.attempt + 1,
        prefix=attempt_prefix(unit.tenant_id, unit.id, token),
        order=job.order,
        source=job.source,
        payload=unit.payload,
        done={f"{kind}:{name}" if name else kind: outcome for kind, name, outcome in rows},
    )


def _kept(connection: Connection, now_s: float, unit: Row[Any]) -> Outcome | None:
    """What was made before from exactly the same."""
    if not unit.key:
        return None
    same = [results.c.tenant_id == unit.tenant_id, results.c.key == unit.key]
    row = connection.execute(select(results.c.outcome).where(*same)).one_or_none()
    if row is None:
        return None
    connection.execute(update(results).where(*same).values(used_s=now_s))
    return Outcome.from_json(row.outcome)


def queue_lengths(connection: Connection) -> dict[tuple[str, str], int]:
    """(queue, state) → how many units wait or are being done."""
    rows = connection.execute(
        select(units.c.queue, units.c.state, func.count())
        .where(units.c.state.in_(("waiting", "leased")))
        .group_by(units.c.queue, units.c.state)
    )
    return {(queue, state): count for queue, state, count in rows}


def company(database: Database, queues: Sequence[str], batch_key: str) -> tuple[bool, bool]:
    """Whether a unit is due that can be done together with one of that batch key, and whether any other is due.

    Only looks: cheap enough to be asked again and again while cues gather.
    """
    with database.reading() as connection:
        now_s = database.now_s(connection)
        due = [units.c.state == "waiting", units.c.queue.in_(queues), units.c.not_before_s <= now_s]
        fits = (units.c.batch_key == batch_key) & (units.c.attempt == 0)
        same, other = (
            bool(connection.execute(select(exists().where(*due, which))).scalar_one()) for which in (fits, ~fits)
        )
    return same, other


def has_ended(connection: Connection, job_id: str) -> bool:
    """Whether nothing more happens to a job."""
    state = connection.execute(select(jobs.c.state).where(jobs.c.id == job_id)).scalar_one_or_none()
    return state is None or state in states.ENDED
