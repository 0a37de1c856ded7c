"""What nobody else does: units whose worker fell silent, jobs past their deadline, what has been kept long enough."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select, update

from integrations.jobs import states
from integrations.jobs.advancing import end_job, locked_job
from integrations.jobs.database import Database
from integrations.jobs.leasing import attempt_prefix, give_up_or_retry
from integrations.jobs.tables import events, idempotency, jobs, units, workers
from integrations.service.settings import ServiceSettings
from scoring.errors import WorkerLost

_MOST = 200  # rows in one transaction: others want to write too
_SILENT_S = 120.0  # a worker that says nothing for so long is forgotten


@dataclass(frozen=True, slots=True)
class Reaped:
    """How many units were taken from the silent, and how many jobs came too late to be started.

    left_behind: where in the storage those attempts may have put files, which nobody will ever publish.
    """

    lapsed: int
    aborted: int
    left_behind: tuple[str, ...] = ()


def reap(database: Database, settings: ServiceSettings) -> Reaped:
    """Take units from workers whose lease lapsed, and end jobs whose deadline passed before they were started.

    Anyone may call this at any time, several at once too.
    """
    with database.writing() as connection:
        now_s = database.now_s(connection)
        lapsed = connection.execute(
            select(units)
            .where(units.c.state == "leased", units.c.lease_until_s < now_s)
            .limit(_MOST)
            .with_for_update(skip_locked=True)
        ).all()
        for unit in lapsed:
            silent = WorkerLost(
                f"the worker {unit.owner} fell silent while it did {unit.kind} {unit.name}".rstrip(),
                "Look into its log: was it killed, or out of memory?",
            )
            give_up_or_retry(connection, now_s, settings, unit, silent)
        late = connection.execute(
            select(jobs.c.id).where(jobs.c.state == states.QUEUED, jobs.c.deadline_s < now_s).limit(_MOST)
        ).scalars()
        aborted = list(late.all())
        for job_id in aborted:
            job = locked_job(connection, job_id)
            end_job(connection, now_s, job, states.ABORTED, retention_s=settings.retention_s)
        connection.execute(delete(workers).where(workers.c.beat_s < now_s - _SILENT_S))
    left_behind = tuple(attempt_prefix(unit.tenant_id, unit.id, unit.token) for unit in lapsed)
    return Reaped(len(lapsed), len(aborted), left_behind)


def expire(database: Database, settings: ServiceSettings) -> list[str]:
    """Mark jobs that were kept long enough as expired; their ids. Their files go with sweeping.sweep."""
    with database.writing() as connection:
        now_s = database.now_s(connection)
        due = connection.execute(
            select(jobs.c.id)
            .where(jobs.c.expires_s < now_s, jobs.c.state.in_(states.ENDED), jobs.c.state != states.EXPIRED)
            .limit(_MOST)
        ).scalars()
        ids = list(due.all())
        for job_id in ids:
            end_job(connection, now_s, locked_job(connection, job_id), states.EXPIRED, retention_s=settings.retention_s)
            connection.execute(delete(events).where(events.c.job_id == job_id, events.c.kind == "job.state"))
        connection.execute(delete(idempotency).where(idempotency.c.created_s < now_s - settings.retention_s))
    return ids


def say_alive(database: Database, worker_id: str, queues: list[str], facts: dict[str, object]) -> None:
    """A worker's sign of life."""
    with database.writing() as connection:
        now_s = database.now_s(connection)
        known = connection.execute(update(workers).where(workers.c.id == worker_id).values(beat_s=now_s, facts=facts))
        if not known.rowcount:
            row = {"id": worker_id, "queues": queues, "facts": facts, "beat_s": now_s}
            connection.execute(workers.insert().values(row))
