"""Jobs: made, looked at, listed, cancelled and deleted."""

from __future__ import annotations

import base64
import binascii
import math
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, Field

from integrations.api.asking import Same, answer_taken, ask_for
from integrations.api.desk import At, Caller, Desk
from integrations.api.documented import NOTHING, answers
from integrations.api.shapes import JobAsked, JobShown, JobsShown, JobTaken, shown_job
from integrations.jobs import cancelling
from integrations.jobs.intake import Ask
from integrations.jobs.reading import JobView, job_row, list_jobs, read_job, units_of
from integrations.jobs.tenants import Tenant
from scoring.errors import InputError

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

LONGEST_WAIT_S = 30.0
_MOST_LISTED = 200

State = Literal[
    "queued",
    "fetching",
    "analysing",
    "spotting",
    "composing",
    "mixing",
    "mastering",
    "muxing",
    "succeeded",
    "failed",
    "canceled",
    "aborted",
]


class UnitShown(BaseModel):
    """A piece of a job's work. Times are seconds since 1970."""

    id: str
    kind: str = Field(description="fetch, analyse, spot, compose, finish or music")
    name: str = Field(description="The cue, for compose.")
    queue: str
    state: str = Field(description="waiting, leased (being done), done, failed or dropped")
    attempt: int
    progress: float
    error: dict[str, Any] | None = None
    created_s: float
    started_s: float | None = None
    ended_s: float | None = None


class UnitsShown(BaseModel):
    """All that is to be done for a job, as far as it is planned."""

    units: list[UnitShown]


class Cancelled(BaseModel):
    """What came of a request to cancel."""

    id: str
    canceled: bool = Field(description="false: it had ended before.")


@router.post(
    "",
    status_code=202,
    response_model=JobTaken,
    responses={
        **answers(400, 404, 409, 410, 413, 415, 503, 507),
        200: {"model": JobTaken, "description": "It was there"},
    },
    summary="Ask for a job",
)
def create(
    request: Request, response: Response, asked: JobAsked, at: At, tenant: Caller, same: Same = None
) -> JobTaken:
    """The answer comes when the job is on the disk; Location is its address."""
    order = asked.order()
    found = None
    if asked.source is not None:
        found = at.reception.film(tenant, asked.source.model_dump())
    with at.database.reading() as connection:
        now_s = at.database.now_s(connection)
    ask = Ask(
        order=order,
        source=None if found is None else found.source,
        upload_id=None if found is None else found.upload_id,
        same=same,
        deadline_s=None if asked.deadline_s is None else now_s + asked.deadline_s,
    )
    return answer_taken(response, ask_for(at, request.scope, tenant, ask, assigns=True))


@router.get("", response_model=JobsShown, responses=answers(400), summary="List jobs")
def index(
    at: At,
    tenant: Caller,
    state: Annotated[State | None, Query(description="Only jobs in this state.")] = None,
    cursor: Annotated[str | None, Query(description="`next` of the answer before.", max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=_MOST_LISTED)] = 50,
) -> JobsShown:
    """The newest first, without their files. Jobs that come meanwhile do not move the rest."""
    before = None if cursor is None else _read_cursor(cursor)
    with at.database.reading() as connection:
        found = list_jobs(connection, tenant.id, state=state, before=before, most=limit + 1)
    more = found[limit - 1] if len(found) > limit else None
    return JobsShown(jobs=[shown_job(job) for job in found[:limit]], next=None if more is None else _cursor(more))


@router.get(
    "/{job_id}",
    response_model=JobShown,
    responses={**answers(404, 410), 304: NOTHING},
    summary="Read a job",
)
async def read(
    job_id: str,
    response: Response,
    at: At,
    tenant: Caller,
    wait_s: Annotated[float, Query(ge=0, le=LONGEST_WAIT_S, allow_inf_nan=False, description="Answer later.")] = 0.0,
    known: Annotated[str | None, Header(alias="If-None-Match", description="The ETag that you have.")] = None,
) -> Any:
    """With wait_s the answer comes when the job has ended, or, with If-None-Match, when anything changed; else then."""
    job = await to_thread.run_sync(_read, at, tenant, job_id)
    if wait_s > 0 and not job.has_ended and (known is None or _etag(job) == known):
        await _wait(at, tenant, job, wait_s, until_changed=known is not None)
        job = await to_thread.run_sync(_read, at, tenant, job_id)
    etag = _etag(job)
    if known == etag:
        return Response(status_code=304, headers={"ETag": etag})
    response.headers["ETag"] = etag
    return shown_job(job)


@router.post("/{job_id}/cancel", response_model=Cancelled, responses=answers(404, 410), summary="Cancel a job")
def cancel(job_id: str, at: At, tenant: Caller) -> Cancelled:
    """From now on nothing of it is published; whoever works on it stops within seconds."""
    _row(at, tenant, job_id)
    return Cancelled(id=job_id, canceled=cancelling.cancel(at.database, at.settings, tenant.id, job_id))


@router.delete("/{job_id}", status_code=204, responses=answers(404, 409, 410), summary="Delete a job")
def delete(job_id: str, at: At, tenant: Caller) -> Response:
    """It must have ended. It is gone at once, its files with the next sweep."""
    _row(at, tenant, job_id)
    cancelling.delete_job(at.database, tenant.id, job_id)
    return Response(status_code=204)


@router.get("/{job_id}/units", response_model=UnitsShown, responses=answers(404, 410), summary="List a job's units")
def units(job_id: str, at: At, tenant: Caller) -> UnitsShown:
    """What is being done, what waits, and what went wrong on the way."""
    with at.database.reading() as connection:
        job_row(connection, tenant.id, job_id)
        rows = units_of(connection, job_id)
    names = UnitShown.model_fields
    return UnitsShown(units=[UnitShown(**{name: getattr(row, name) for name in names}) for row in rows])


async def _wait(at: Desk, tenant: Tenant, job: JobView, wait_s: float, *, until_changed: bool) -> None:
    clock = at.lookout.clock
    ends_s = clock() + wait_s
    async with at.lookout.watching(tenant.id, job.id) as watched:
        while not at.lookout.is_closing and clock() < ends_s:
            if watched.is_seen and (watched.has_ended or (until_changed and watched.version != job.version)):
                return
            await watched.change(watched.changed, ends_s - clock())


def _read(at: Desk, tenant: Tenant, job_id: str) -> JobView:
    with at.database.reading() as connection:
        return read_job(connection, tenant.id, job_id)


def _row(at: Desk, tenant: Tenant, job_id: str) -> None:
    """Raises Gone and UnknownId as every other route does."""
    with at.database.reading() as connection:
        job_row(connection, tenant.id, job_id)


def _etag(job: JobView) -> str:
    return f'"{job.version}"'


def _cursor(job: JobView) -> str:
    return base64.urlsafe_b64encode(f"{job.created_s!r} {job.id}".encode("ascii")).decode("ascii")


def _read_cursor(text: str) -> tuple[float, str]:
    try:
        created, _, job_id = base64.urlsafe_b64decode(text.encode("ascii")).decode("ascii").partition(" ")
        created_s = float(created)
        if not math.isfinite(created_s):
            raise ValueError
    except (ValueError, UnicodeError, binascii.Error) as error:
        raise InputError("the cursor is not one of ours", "Use `next` as it was answered") from error
    return created_s, job_id
