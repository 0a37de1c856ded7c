"""What people think of what was made: one to five stars for a whole film or one of its cues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from integrations.jobs import states
from integrations.jobs.database import Database
from integrations.jobs.ids import new_id
from integrations.jobs.reading import job_row
from integrations.jobs.tables import ratings, units
from scoring.errors import Conflict, InputError, UnknownId

STARS = (1, 5)


@dataclass(frozen=True, slots=True)
class Rating:
    """cue: "" of the whole film. experiment, arm: the job's. created_s: seconds since 1970."""

    id: str
    job_id: str
    cue: str
    stars: int
    comment: str
    experiment: str | None
    arm: str | None
    created_s: float


def rate(database: Database, tenant: str, job_id: str, *, stars: int, cue: str = "", comment: str = "") -> Rating:
    """Rate a job that has succeeded, or a cue of it; a second rating of the same takes the place of the first.

    Raises UnknownId, also for a cue that the job has not; Gone, Conflict while it has not succeeded, InputError.
    """
    if not STARS[0] <= stars <= STARS[1]:
        raise InputError(f"the rating has {stars} stars", f"Give {STARS[0]} to {STARS[1]}")
    with database.writing() as connection:
        job = job_row(connection, tenant, job_id)
        if job.state != states.SUCCEEDED:
            raise Conflict(f"the job is {job.state}", "Rate what has succeeded")
        if cue and not _has_cue(connection, job_id, cue):
            raise UnknownId(f"the job has no cue {cue[:80]!r}", "See its cue sheet")
        connection.execute(delete(ratings).where(ratings.c.job_id == job_id, ratings.c.cue == cue))
        arm = job.arm or {}
        row = {
            "id": new_id("rating"),
            "job_id": job_id,
            "cue": cue,
            "stars": stars,
            "comment": comment,
            "experiment": arm.get("experiment"),
            "arm": arm.get("arm"),
            "created_s": database.now_s(connection),
        }
        connection.execute(insert(ratings).values(tenant_id=tenant, **row))
    return Rating(**row)


def ratings_of(connection: Connection, tenant: str, job_id: str) -> list[Rating]:
    """A job's ratings, the whole film's first. Raises UnknownId, Gone."""
    job_row(connection, tenant, job_id)
    rows = connection.execute(select(ratings).where(ratings.c.job_id == job_id).order_by(ratings.c.cue)).all()
    return [_rating(row) for row in rows]


def _has_cue(connection: Connection, job_id: str, cue: str) -> bool:
    # A cue's unit is called after it, with "@2" and so on behind it for other takes.
    mine = select(units.c.name).where(units.c.job_id == job_id, units.c.kind == "compose")
    return any(name.partition("@")[0] == cue for name in connection.execute(mine).scalars())


def _rating(row: Row[Any]) -> Rating:
    return Rating(row.id, row.job_id, row.cue, row.stars, row.comment, row.experiment, row.arm, row.created_s)
