"""Cue sheets: read, edited, scored again; one cue composed anew."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from integrations.api.asking import Same, answer_taken, ask_for
from integrations.api.desk import At, Caller, Desk
from integrations.api.documented import NOTHING, answers
from integrations.api.shapes import JobTaken
from integrations.jobs import revising
from integrations.jobs.ids import new_id
from integrations.jobs.tenants import Tenant
from scoring.errors import InputError
from scoring.limits import BPM_RANGE, HIGHEST_SEED

router = APIRouter(prefix="/v1/jobs", tags=["cue sheets"])

_JSON: dict[str, Any] = {"content": {"application/json": {"schema": {"type": "object", "title": "CueSheet"}}}}
_TAKEN: dict[int | str, dict[str, Any]] = {200: {"model": JobTaken, "description": "It was there"}}


class Recomposing(BaseModel):
    """What is to be different about a cue. Without anything it is composed with another seed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"prompt": "solo cello", "bpm": 72}]})

    seed: int | None = Field(default=None, ge=0, le=HIGHEST_SEED, strict=True)
    prompt: str | None = Field(default=None, max_length=4000)
    avoid: str | None = Field(default=None, max_length=4000)
    instruments: list[str] | None = Field(default=None, max_length=50)
    mood: str | None = Field(default=None, max_length=100)
    bpm: float | None = Field(default=None, ge=BPM_RANGE[0], le=BPM_RANGE[1], allow_inf_nan=False)
    key: str | None = Field(default=None, max_length=40, examples=["D minor"])


@router.get(
    "/{job_id}/cue-sheet",
    response_class=Response,
    responses={**answers(404, 409, 410), 200: {"description": "docs/cue-sheet.md", **_JSON}, 304: NOTHING},
    summary="Read a job's cue sheet",
)
def read(
    job_id: str,
    at: At,
    tenant: Caller,
    known: Annotated[str | None, Header(alias="If-None-Match", description="The ETag that you have.")] = None,
) -> Response:
    """As edited, else as it was used. X-Cuesmith-Draft says which."""
    sheet = revising.read_sheet(at.database, at.storage, tenant.id, job_id)
    if known == sheet.etag:
        return Response(status_code=304, headers={"ETag": sheet.etag})
    return _answer(sheet)


@router.put(
    "/{job_id}/cue-sheet",
    response_class=Response,
    responses={**answers(400, 404, 409, 410, 412, 413), 200: {"description": "The sheet as it is kept", **_JSON}},
    summary="Edit a job's cue sheet",
    openapi_extra={"requestBody": {"required": True, **_JSON}},
)
async def write(
    job_id: str,
    request: Request,
    at: At,
    tenant: Caller,
    if_match: Annotated[
        str | None, Header(alias="If-Match", description="The ETag of the sheet that you edited.")
    ] = None,
) -> Response:
    """Kept as the job's draft: `rescore` makes a new job of it. With If-Match nobody else's edit is lost (412)."""
    try:
        text = (await request.body()).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("the cue sheet is not in UTF-8", "Send JSON in UTF-8") from error
    return _answer(await to_thread.run_sync(_write, at, tenant, job_id, text, if_match))


@router.post(
    "/{job_id}/rescore",
    status_code=202,
    response_model=JobTaken,
    responses={**answers(404, 409, 410), **_TAKEN},
    summary="Score a film again from its cue sheet",
)
def rescore(job_id: str, request: Request, response: Response, at: At, tenant: Caller, same: Same = None) -> JobTaken:
    """A new job, with this one as its parent. Cues that are as they were are not composed again."""
    sheet = revising.read_sheet(at.database, at.storage, tenant.id, job_id)
    return _revise(at, request, response, tenant, job_id, sheet.text, same)


@router.post(
    "/{job_id}/cues/{cue}/recompose",
    status_code=202,
    response_model=JobTaken,
    responses={**answers(400, 404, 409, 410), **_TAKEN},
    summary="Compose one cue anew",
)
def recompose(
    job_id: str,
    cue: str,
    request: Request,
    response: Response,
    at: At,
    tenant: Caller,
    wanted: Recomposing | None = None,
    same: Same = None,
) -> JobTaken:
    """A new job, with this one as its parent, in which only this cue differs. This job's own sheet stays as it is."""
    wanted = wanted or Recomposing()
    asked = revising.read_wishes(wanted.model_dump(exclude={"seed"}, exclude_none=True))
    sheet = revising.read_sheet(at.database, at.storage, tenant.id, job_id)
    # The same request again has to ask for the same seed; without a key there is no "again".
    mark = same if same is not None else new_id("mark")
    text = revising.revised(sheet.text, cue, asked, wanted.seed, mark)
    return _revise(at, request, response, tenant, job_id, text, same)


def _revise(
    at: Desk, request: Request, response: Response, tenant: Tenant, job_id: str, text: str, same: str | None
) -> JobTaken:
    with at.database.reading() as connection:
        ask = revising.rescoring(connection, at.storage, tenant.id, job_id, text, same)
    return answer_taken(response, ask_for(at, request.scope, tenant, ask))


def _write(at: Desk, tenant: Tenant, job_id: str, text: str, if_match: str | None) -> revising.Sheet:
    return revising.write_sheet(at.database, at.storage, tenant.id, job_id, text, if_match=if_match)


def _answer(sheet: revising.Sheet) -> Response:
    return Response(
        sheet.text.encode("utf-8", "backslashreplace"),
        media_type="application/json",
        headers={"ETag": sheet.etag, "X-Cuesmith-Draft": "true" if sheet.is_draft else "false"},
    )
