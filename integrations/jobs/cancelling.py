"""Stopping a job, and deleting what was kept of one."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from integrations.jobs import states
from integrations.jobs.advancing import end_job, locked_job
from integrations.jobs.database import Database
from integrations.jobs.tables import jobs
from integrations.service.settings import ServiceSettings
from scoring.errors import Conflict, UnknownId


def cancel(database: Database, settings: ServiceSettings, tenant: str, job_id: str) -> bool:
    """Cancel a job: from now on nothing of it is published; whoever works on it stops within a second or two.

    False when it had ended before. Raises UnknownId.
    """
    with database.writing() as connection:
        now_s = database.now_s(connection)
        mine = select(jobs.c.id).where(jobs.c.id == job_id, jobs.c.tenant_id == tenant)
        if connection.execute(mine).one_or_none() is None:
            raise UnknownId(f"there is no job {job_id}", "Check the id")
        job = locked_job(connection, job_id)
        return end_job(connection, now_s, job, states.CANCELLED, retention_s=settings.retention_s)


def delete_job(database: Database, tenant: str, job_id: str) -> None:
    """Let go of a job that has ended: it is gone at once; its files go with the next sweep.

    Raises UnknownId, Conflict while it has not ended.
    """
    with database.writing() as connection:
        mine = [jobs.c.id == job_id, jobs.c.tenant_id == tenant]
        row = connection.execute(select(jobs.c.state).where(*mine)).one_or_none()
        if row is None:
            raise UnknownId(f"there is no job {job_id}", "Check the id")
        if row.state not in states.ENDED:
            raise Conflict(f"the job is {row.state}", "Cancel it first")
        now_s = database.now_s(connection)
        connection.execute(
            update(jobs).where(*mine).values(state=states.EXPIRED, expires_s=now_s, version=jobs.c.version + 1)
        )


def forget(database: Database, job_id: str) -> None:
    """Delete the row of an expired job, once its files are gone."""
    with database.writing() as connection:
        connection.execute(delete(jobs).where(jobs.c.id == job_id, jobs.c.state == states.EXPIRED))
