"""What people say of a job: stars for the film or for a cue, one rating each, changed as often as they like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from integrations.jobs import states
from integrations.jobs.database import Database
from integrations.jobs.ids import new_id
from integrations.jobs.reading import job_row
from integrations.jobs.tables import ratings, units
from scoring.errors import Conflict, InputError, UnknownId

FEWEST_STARS, MOST_STARS = 1, 5
LONGEST_COMMENT = 2000


@dataclass(frozen=True, slots=True)
class Rating:
    """cue: a cue's id, "1m2@2" of take 2; "" of the whole film, "@2" of take 2. created_s: when it was last said."""

    job_id: str
    cue: str
    stars: int
    comment: str
    created_s: float


def rate(database: Database, tenant: str, job_id: str, stars: int, *, cue: str = "", comment: str = "") -> Rating:
    """Keep a rating of a job that succeeded; one that was there is replaced.

    Raises UnknownId and Gone as read_job does, UnknownId for a cue the job has not, Conflict before there is anything
    to rate, InputError for stars outside 1..5 or a comment over 2000 characters.
    """
    if isinstance(stars, bool) or not isinstance(stars, int) or not FEWEST_STARS <= stars <= MOST_STARS:
        raise InputError(f"stars is {stars!r}", f"Give a whole number of {FEWEST_STARS} to {MOST_STARS}")
    if len(comment) > LONGEST_COMMENT:
        raise InputError(f"the comment has {len(comment)} characters", f"At most {LONGEST_COMMENT} are kept")
    with database.writing() as connection:
        job = job_row(connection, tenant, job_id)
        if job.state != states.SUCCEEDED:
            raise Conflict(f"the job is {job.state}", "Rate it when it has succeeded")
        if cue:
            _check_cue(connection, job, cue)
        now_s = database.now_s(connection)
        said = {"stars": stars, "comment": comment, "created_s": now_s}
        same = [ratings.c.job_id == job_id, ratings.c.cue == cue]
        if not connection.execute(update(ratings).where(*same).values(said)).rowcount:
            arm = job.arm or {}
            row = {
                "id": new_id("rating"),
                "tenant_id": tenant,
                "job_id": job_id,
                "cue": cue,
                "film": (job.source or {}).get("sha256"),
                "experiment": arm.get("experiment"),
                "arm": arm.get("arm"),
            }
            connection.execute(insert(ratings).values({**row, **said}))
    return Rating(job_id, cue, stars, comment, now_s)


def ratings_of(connection: Connection, tenant: str, job_id: str) -> list[Rating]:
    """What was said of a job, the whole film first. Raises as read_job does."""
    job_row(connection, tenant, job_id)
    rows = connection.execute(select(ratings).where(ratings.c.job_id == job_id).order_by(ratings.c.cue)).all()
    return [Rating(row.job_id, row.cue, row.stars, row.comment, row.created_s) for row in rows]


def _check_cue(connection: Connection, job: Row[Any], cue: str) -> None:
    composed = select(units.c.name).where(units.c.job_id == job.id, units.c.kind == "compose")
    names = set(connection.execute(composed).scalars())
    takes = {f"@{name.rpartition('@')[2]}" for name in names if "@" in name}
    if cue not in names | takes:
        known = ", ".join(sorted(names | takes)) or "none"
        raise UnknownId(f"the job has no cue {cue[:100]!r}", f"Its cues: {known}")
