"""Which music a tenant likes: the takes of its rated jobs, with what was asked of the engine for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from sqlalchemy import Connection, Row, select

from integrations.jobs.tables import jobs, ratings, units
from integrations.work.task import File, Outcome

_TAKE_OF_CUE = "@"


@dataclass(frozen=True, slots=True)
class RatedTake:
    """A cue as it was composed. stems: its files in the storage. sheet: the cue sheet's file; None where it is the
    order's own text. speech: (start, end) in film time. stars: the mean of what was said of exactly this music, of the
    cue where the cue was rated, else of its film.
    """

    job_id: str
    film: str | None
    cue: str
    take: int
    folder: str
    stems: tuple[File, ...]
    sheet: File | None
    sheet_text: str
    stars: float
    rated: str
    facts: Mapping[str, Any]
    experiment: str | None
    arm: str | None


def rated_takes(connection: Connection, tenant: str) -> Iterator[RatedTake]:
    """Each rated take of a tenant's jobs that are still kept, once, the oldest job first.

    Jobs that used a take made for an earlier one have the same files: their stars are put together.
    """
    found: dict[tuple[str, ...], list[RatedTake]] = {}
    rated = select(ratings.c.job_id).where(ratings.c.tenant_id == tenant)
    kept = select(jobs).where(jobs.c.tenant_id == tenant, jobs.c.id.in_(rated), jobs.c.state == "succeeded")
    for job in connection.execute(kept.order_by(jobs.c.created_s, jobs.c.id)).all():
        for take in _takes(connection, job):
            found.setdefault(tuple(sorted(file.key for file in take.stems)), []).append(take)
    for same in found.values():
        first = same[0]
        yield replace(first, stars=fmean(take.stars for take in same))


def _takes(connection: Connection, job: Row[Any]) -> Iterator[RatedTake]:
    said = {row.cue: row for row in connection.execute(select(ratings).where(ratings.c.job_id == job.id)).all()}
    done = connection.execute(select(units).where(units.c.job_id == job.id, units.c.state == "done")).all()
    sheets: dict[str, File] = {}
    for unit in done:
        if unit.kind == "spot":
            sheets = {file.name: file for file in Outcome.from_json(unit.outcome).files}
    for unit in sorted((unit for unit in done if unit.kind == "compose"), key=lambda unit: str(unit.name)):
        number = int(unit.payload.get("take", 1))
        rating = said.get(unit.name) or said.get("" if number == 1 else f"{_TAKE_OF_CUE}{number}")
        outcome = Outcome.from_json(unit.outcome)
        stems = tuple(f for f in outcome.files if f.name.startswith("cues/") and f.name.endswith(".flac"))
        if rating is None or not stems:
            continue
        yield RatedTake(
            job_id=job.id,
            film=(job.source or {}).get("sha256"),
            cue=str(outcome.facts["cue"]),
            take=number,
            folder=str(outcome.facts["take"]),
            stems=stems,
            sheet=sheets.get("cues.json" if number == 1 else f"cues.take{number}.json"),
            sheet_text=str(job.order.get("texts", {}).get("sheet", "")),
            stars=float(rating.stars),
            rated="cue" if rating.cue == unit.name else "film",
            facts=outcome.facts,
            experiment=rating.experiment,
            arm=rating.arm,
        )
