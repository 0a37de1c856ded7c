"""Deleting what nobody needs any more: rows and files of expired jobs, results without a job.

A file goes before the row that names it, so that a sweep that is broken off is taken up by the next.
"""

from __future__ import annotations

from sqlalchemy import delete, exists, select, update

from integrations.jobs import states
from integrations.jobs.database import Database
from integrations.jobs.tables import artefacts, deliveries, events, jobs, ratings, results, units
from integrations.service.settings import ServiceSettings
from integrations.storage.storage import Storage

_MOST = 50  # a sweep: many small ones do not stop the others
_KEEP_ROW_S = 30 * 86_400.0  # how long an id that has expired is still answered with 410


def sweep(database: Database, storage: Storage, settings: ServiceSettings) -> int:
    """Delete some of what may go; how many things went. To be called again and again."""
    return _jobs(database, storage) + _results(database, storage, settings)


def _jobs(database: Database, storage: Storage) -> int:
    """Files of expired jobs that no other job shares; later their rows too."""
    with database.reading() as connection:
        rows = connection.execute(
            select(jobs.c.id, jobs.c.tenant_id)
            .where(jobs.c.state == states.EXPIRED, exists().where(units.c.job_id == jobs.c.id))
            .limit(_MOST)
        ).all()
    for job_id, tenant in rows:
        with database.reading() as connection:
            mine = connection.execute(select(units.c.id, units.c.key).where(units.c.job_id == job_id)).all()
            kept = set(connection.execute(select(results.c.prefix).where(results.c.tenant_id == tenant)).scalars())
        shared = {prefix.split("/")[2] for prefix in kept}
        for unit_id, _ in mine:
            if unit_id not in shared:
                storage.delete_prefix(f"results/{tenant}/{unit_id}")
        with database.writing() as connection:
            connection.execute(delete(units).where(units.c.job_id == job_id))
            connection.execute(delete(artefacts).where(artefacts.c.job_id == job_id))
            connection.execute(delete(deliveries).where(deliveries.c.job_id == job_id))
            # The stars still count in experiments; what somebody wrote goes with the job.
            connection.execute(update(ratings).where(ratings.c.job_id == job_id).values(comment=""))
    with database.writing() as connection:
        now_s = database.now_s(connection)
        old = select(jobs.c.id).where(jobs.c.state == states.EXPIRED, jobs.c.expires_s < now_s - _KEEP_ROW_S)
        ids = list(connection.execute(old.limit(_MOST)).scalars())
        if ids:
            connection.execute(delete(events).where(events.c.job_id.in_(ids)))
            connection.execute(delete(jobs).where(jobs.c.id.in_(ids)))
    return len(rows) + len(ids)


def _results(database: Database, storage: Storage, settings: ServiceSettings) -> int:
    """Results that no job has used for as long as jobs are kept and that no job refers to."""
    with database.reading() as connection:
        now_s = database.now_s(connection)
        used = exists().where(units.c.key == results.c.key, units.c.tenant_id == results.c.tenant_id)
        rows = connection.execute(
            select(results.c.tenant_id, results.c.key, results.c.prefix)
            .where(results.c.used_s < now_s - settings.retention_s, ~used)
            .limit(_MOST)
        ).all()
    for tenant, key, prefix in rows:
        # The row first: a job that asks now must not be given files that are about to go.
        with database.writing() as connection:
            still = [
                results.c.tenant_id == tenant,
                results.c.key == key,
                results.c.used_s < now_s - settings.retention_s,
            ]
            gone = connection.execute(delete(results).where(*still))
        if gone.rowcount:
            storage.delete_prefix(prefix)
    return len(rows)
