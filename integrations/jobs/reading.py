"""Looking at jobs: a tenant sees its own and no others'."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from integrations.jobs import states
from integrations.jobs.ids import is_id
from integrations.jobs.tables import artefacts, events, jobs, units
from scoring.errors import Gone, UnknownId


@dataclass(frozen=True, slots=True)
class Artefact:
    """A file of a job that can be downloaded."""

    id: str
    name: str
    storage_key: str
    size_bytes: int
    sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as its tenant sees it. Times are seconds since 1970."""

    id: str
    tenant: str
    kind: str
    state: str
    progress: float
    order: dict[str, Any]
    source: dict[str, Any] | None
    parent_id: str | None
    error: dict[str, Any] | None
    result: dict[str, Any] | None
    notes: list[str]
    arm: dict[str, Any] | None
    version: int
    created_s: float
    started_s: float | None
    ended_s: float | None
    expires_s: float | None
    draft: str | None
    artefacts: tuple[Artefact, ...]

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in states.ENDED


def read_job(connection: Connection, tenant: str, job_id: str) -> JobView:
    """A job of a tenant. Raises UnknownId, the same for another tenant's job as for none; Gone when it has expired."""
    row = job_row(connection, tenant, job_id)
    files = connection.execute(select(artefacts).where(artefacts.c.job_id == job_id).order_by(artefacts.c.name)).all()
    return _view(row, tuple(_artefact(file) for file in files))


def job_row(connection: Connection, tenant: str, job_id: str) -> Row[Any]:
    """The row alone. Raises as read_job does."""
    row = None
    if is_id(job_id):
        row = connection.execute(select(jobs).where(jobs.c.id == job_id, jobs.c.tenant_id == tenant)).one_or_none()
    if row is None:
        raise UnknownId(f"there is no job {job_id[:80]}", "Check the id")
    if row.state == states.EXPIRED:
        raise Gone(f"the job {job_id} was deleted or has expired", "Submit the film again")
    return row


def list_jobs(
    connection: Connection, tenant: str, *, state: str | None = None, before: tuple[float, str] | None = None, most: int
) -> list[JobView]:
    """A tenant's jobs, the newest first, without their artefacts. before: (created_s, id) of the last one seen."""
    query = select(jobs).where(jobs.c.tenant_id == tenant, jobs.c.state != states.EXPIRED)
    if state is not None:
        query = query.where(jobs.c.state == state)
    if before is not None:
        created_s, job_id = before
        query = query.where((jobs.c.created_s < created_s) | ((jobs.c.created_s == created_s) & (jobs.c.id < job_id)))
    rows = connection.execute(query.order_by(jobs.c.created_s.desc(), jobs.c.id.desc()).limit(most)).all()
    return [_view(row, ()) for row in rows]


def read_artefact(connection: Connection, tenant: str, job_id: str, name: str) -> Artefact:
    """A file of a job. Raises UnknownId, Gone."""
    job_row(connection, tenant, job_id)
    mine = [artefacts.c.job_id == job_id, artefacts.c.tenant_id == tenant, artefacts.c.name == name]
    row = connection.execute(select(artefacts).where(*mine)).one_or_none()
    if row is None:
        raise UnknownId(f"the job has no file {name[:120]!r}", "See the job's list of artefacts")
    return _artefact(row)


def events_after(connection: Connection, job_id: str, after: int, most: int = 200) -> list[Row[Any]]:
    """A job's events with an id above `after`, in order."""
    query = select(events).where(events.c.job_id == job_id, events.c.id > after).order_by(events.c.id).limit(most)
    return list(connection.execute(query).all())


def units_of(connection: Connection, job_id: str) -> list[Row[Any]]:
    """Every unit of a job, in the order in which they were planned."""
    query = select(units).where(units.c.job_id == job_id).order_by(units.c.rank, units.c.created_s, units.c.name)
    return list(connection.execute(query).all())


def _artefact(row: Row[Any]) -> Artefact:
    return Artefact(row.id, row.name, row.storage_key, row.size_bytes, row.sha256, row.media_type)


def _view(row: Row[Any], files: tuple[Artefact, ...]) -> JobView:
    return JobView(
        id=row.id,
        tenant=row.tenant_id,
        kind=row.kind,
        state=row.state,
        progress=row.progress,
        order=row.order,
        source=row.source,
        parent_id=row.parent_id,
        error=row.error,
        result=row.result,
        notes=row.notes,
        arm=row.arm,
        version=row.version,
        created_s=row.created_s,
        started_s=row.started_s,
        ended_s=row.ended_s,
        expires_s=row.expires_s,
        draft=row.draft,
        artefacts=files,
    )
