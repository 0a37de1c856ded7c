"""The rows of tasks: which job each is, and how far its client has been told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, or_, select, update

from integrations.bell.messages import Sent
from integrations.jobs import states
from integrations.jobs.database import Database
from integrations.jobs.reading import JobView, read_job
from integrations.jobs.tables import jobs, tasks
from scoring.errors import Gone

_MOST = 50  # told in one round
_HOLD_S = 10.0  # what telling a round may take; who is slower is asked to tell again


@dataclass(frozen=True, slots=True)
class Due:
    """A task whose client is to be told. told: the version of its job that it was told last, 0 for none.

    version, job: as it is now; None for one that was deleted or has expired.
    """

    task_id: str
    name: str
    reply_to: str | None
    told: int
    version: int
    job: JobView | None


def is_known(database: Database, task_id: str) -> bool:
    """Whether a task was taken in before."""
    with database.reading() as connection:
        return connection.execute(select(tasks.c.id).where(tasks.c.id == task_id)).one_or_none() is not None


def note(database: Database, sent: Sent, tenant: str, job_id: str) -> None:
    """Write down which job a task is; a second time changes nothing."""
    with database.writing() as connection:
        if connection.execute(select(tasks.c.id).where(tasks.c.id == sent.id)).one_or_none() is not None:
            return
        connection.execute(
            insert(tasks).values(
                id=sent.id,
                job_id=job_id,
                tenant_id=tenant,
                name=sent.name,
                reply_to=sent.reply_to,
                told=0,
                is_over=False,
                teller="",
                until_s=0.0,
                created_s=database.now_s(connection),
            )
        )


def jobs_of(database: Database, task_ids: Collection[str]) -> list[tuple[str, str]]:
    """(tenant, job) of those tasks that were taken in and are not over."""
    with database.reading() as connection:
        wanted = select(tasks.c.tenant_id, tasks.c.job_id).where(tasks.c.id.in_(task_ids), ~tasks.c.is_over)
        return [(row.tenant_id, row.job_id) for row in connection.execute(wanted.distinct()).all()]


def take_due(database: Database, teller: str) -> list[Due]:
    """The tasks whose clients are to be told something, held by this teller for a few seconds."""
    with database.reading() as connection:  # nothing is due most of the time, and then nobody waits for a lock
        now_s = database.now_s(connection)
        due = _due(now_s).with_only_columns(tasks.c.id).limit(1)
        if connection.execute(due).one_or_none() is None:
            return []
    with database.writing() as connection:
        now_s = database.now_s(connection)
        rows = connection.execute(
            _due(now_s).order_by(tasks.c.until_s).limit(_MOST).with_for_update(skip_locked=True, of=tasks)
        ).all()
        held = {"teller": teller, "until_s": now_s + _HOLD_S}
        connection.execute(update(tasks).where(tasks.c.id.in_([row.id for row in rows])).values(held))
        return [_read(connection, row) for row in rows]


def settle(database: Database, teller: str, due: Due, *, is_over: bool) -> bool:
    """A client was told of a version of its job; False when another teller came between.

    Then what was told last may be the older news, so it is told again.
    """
    with database.writing() as connection:
        mine = [tasks.c.id == due.task_id, tasks.c.teller == teller, tasks.c.told == due.told]
        changes = {"told": due.version, "is_over": is_over, "teller": "", "until_s": 0.0}
        if connection.execute(update(tasks).where(*mine).values(changes)).rowcount:
            return True
        again = {"told": 0, "is_over": False, "teller": "", "until_s": 0.0}
        connection.execute(update(tasks).where(tasks.c.id == due.task_id).values(again))
        return False


def tell_all_again(database: Database, within_s: float) -> None:
    """Results got lost where they were stored: tell again of jobs that are running or ended within that time."""
    with database.writing() as connection:
        since_s = database.now_s(connection) - within_s
        recent = select(jobs.c.id).where(
            or_(jobs.c.ended_s.is_(None), jobs.c.ended_s > since_s), jobs.c.state != states.EXPIRED
        )
        again = {"told": 0, "is_over": False, "teller": "", "until_s": 0.0}
        connection.execute(update(tasks).where(tasks.c.job_id.in_(recent)).values(again))


def _due(now_s: float) -> Select[Any]:
    return (
        select(tasks, jobs.c.version)
        .join(jobs, jobs.c.id == tasks.c.job_id)
        .where(~tasks.c.is_over, tasks.c.until_s < now_s, jobs.c.version > tasks.c.told)
    )


def _read(connection: Connection, row: Row[Any]) -> Due:
    try:
        job = read_job(connection, row.tenant_id, row.job_id)
    except Gone:
        return Due(row.id, row.name, row.reply_to, row.told, row.version, None)
    return Due(row.id, row.name, row.reply_to, row.told, job.version, job)
