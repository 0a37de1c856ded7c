"""Moving a job along: its state, its progress, its end; always inside a transaction that the caller holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from integrations.jobs import states
from integrations.jobs.happenings import tell
from integrations.jobs.ids import new_id
from integrations.jobs.orders import Order, read_order
from integrations.jobs.plan import RANKS, queue_of, share_done
from integrations.jobs.tables import jobs, units
from integrations.work.task import Step


def locked_job(connection: Connection, job_id: str) -> Row[Any]:
    """The job's row, which nobody else changes until the transaction ends (SQLite has one writer anyway)."""
    return connection.execute(select(jobs).where(jobs.c.id == job_id).with_for_update()).one()


def add_units(connection: Connection, now_s: float, job: Row[Any], steps: Sequence[Step]) -> None:
    """Rows for what is to be done next."""
    order = read_order(job.order)
    for number, step in enumerate(steps):
        connection.execute(
            insert(units).values(
                id=new_id("unit"),
                job_id=job.id,
                tenant_id=job.tenant_id,
                kind=step.kind,
                name=step.name,
                queue=queue_of(step, order),
                rank=RANKS[step.kind],
                state="waiting",
                key=step.key,
                batch_key=step.batch_key,
                payload=dict(step.payload),
                attempt=0,
                token=0,
                owner="",
                lease_until_s=0.0,
                not_before_s=now_s,
                progress=0.0,
                created_s=now_s + 1e-6 * number,  # in the order in which they were planned
            )
        )


def advance(connection: Connection, now_s: float, job: Row[Any], state: str) -> None:
    """Put the job in a state, where that leads forwards; tells of its start."""
    if state != job.state and states.may_follow(job.state, state):
        changes: dict[str, Any] = {"state": state, "version": jobs.c.version + 1}
        if job.started_s is None:
            changes["started_s"] = now_s
            tell(connection, now_s, tenant=job.tenant_id, job_id=job.id, kind="job.started")
        # Another unit of the job may have moved it on since the row was read.
        connection.execute(update(jobs).where(jobs.c.id == job.id, jobs.c.state == job.state).values(changes))
        body = {"state": state}
        tell(connection, now_s, tenant=job.tenant_id, job_id=job.id, kind="job.state", body=body)


def renew_progress(connection: Connection, job: Row[Any], order: Order | None = None) -> None:
    """The job's progress from its units'; it never falls."""
    rows = connection.execute(
        select(units.c.kind, func.count(), func.sum(units.c.progress))
        .where(units.c.job_id == job.id)
        .group_by(units.c.kind)
    )
    share = share_done(order or read_order(job.order), {kind: (count, total) for kind, count, total in rows})
    connection.execute(
        update(jobs)
        .where(jobs.c.id == job.id, jobs.c.progress < share, jobs.c.state.not_in(states.ENDED))
        .values(progress=share, version=jobs.c.version + 1)
    )


def end_job(
    connection: Connection,
    now_s: float,
    job: Row[Any],
    state: str,
    *,
    retention_s: float,
    error: Mapping[str, Any] | None = None,
    result: Mapping[str, Any] | None = None,
) -> bool:
    """End a job and drop what was still to be done for it; whether it had not ended before.

    Units that are being done are dropped too: their workers lose the lease and stop.
    """
    if not states.may_follow(job.state, state):
        return False
    changes: dict[str, Any] = {
        "state": state,
        "ended_s": now_s,
        "expires_s": now_s + retention_s,
        "version": jobs.c.version + 1,
    }
    if error is not None:
        changes["error"] = dict(error)
    if result is not None:
        changes["result"] = dict(result)
    if state == states.SUCCEEDED:
        changes["progress"] = 1.0
    connection.execute(update(jobs).where(jobs.c.id == job.id).values(changes))
    connection.execute(
        update(units)
        .where(units.c.job_id == job.id, units.c.state.in_(("waiting", "leased")))
        .values(state="dropped", token=units.c.token + 1, ended_s=now_s)
    )
    body: dict[str, Any] = {"state": state}
    if error is not None:
        body["error"] = dict(error)
    tell(connection, now_s, tenant=job.tenant_id, job_id=job.id, kind=f"job.{state}", body=body)
    return True
