"""Takes: each time that a cue was composed, over a job and all its revisions."""

from __future__ import annotations

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from integrations.api.desk import At, Caller, Desk
from integrations.api.documented import answers
from integrations.api.downloads import download
from integrations.api.files import CONTENT
from integrations.api.shapes import FileShown, job_url
from integrations.jobs import revising
from integrations.jobs.reading import Artefact
from integrations.jobs.revising import Take
from integrations.jobs.tenants import Tenant
from integrations.work.task import File
from scoring import cue_sheet_json
from scoring.cue_sheet import CueSheet
from scoring.errors import Conflict, InputError, UnknownId
from scoring.limits import HIGHEST_SEED

router = APIRouter(prefix="/v1/jobs", tags=["takes"])


class TakeShown(BaseModel):
    """One time that a cue was composed. Times are seconds since 1970."""

    take: str = Field(description="Its id.", examples=["unit_7d793037a0760186574b0282f2f435e7"])
    job: str = Field(description="The job, of the family, that it was made for.")
    cue: str = Field(examples=["1m2"])
    number: int = Field(description="Which of several takes of the whole film; else 1.")
    state: str = Field(description="waiting, leased (being made), done, failed or dropped")
    chosen: bool = Field(description="Whether the job's cue sheet has its seed.")
    seed: int | None = None
    engine: str | None = None
    duration_s: float | None = None
    bpm: float | None = None
    key: str | None = None
    files: list[FileShown] = Field(description="Its stems and notes.")
    created_s: float


class TakesShown(BaseModel):
    """Every take, in the order of their making."""

    takes: list[TakeShown]


class Choice(BaseModel):
    """Which take a cue is to have."""

    model_config = ConfigDict(extra="forbid")

    take: str = Field(max_length=64, description="A take's id.")


class Chosen(BaseModel):
    """What the cue sheet has for the cue now."""

    cue: str
    take: str
    seed: int
    etag: str = Field(description="The cue sheet's.")


@router.get("/{job_id}/takes", response_model=TakesShown, responses=answers(404, 410), summary="List takes")
def index(job_id: str, at: At, tenant: Caller) -> TakesShown:
    """Those of the job, of the jobs it is a revision of, and of its own revisions."""
    return TakesShown(takes=[_shown(job_id, take) for take in _takes(at, tenant, job_id, _sheet(at, tenant, job_id))])


@router.get(
    "/{job_id}/takes/{take}/{name}",
    response_class=Response,
    responses={
        **answers(404, 410, 416),
        200: {"description": "The file", **CONTENT},
        206: {"description": "A range", **CONTENT},
    },
    summary="Download a file of a take",
)
async def sound(job_id: str, take: str, name: str, request: Request, at: At, tenant: Caller) -> Response:
    """As a job's own files, with Range."""
    return await download(at, request, await to_thread.run_sync(_find, at, tenant, job_id, take, name))


@router.put(
    "/{job_id}/cues/{cue}/take",
    response_model=Chosen,
    responses=answers(400, 404, 409, 410),
    summary="Choose an earlier take for a cue",
)
def choose(job_id: str, cue: str, choice: Choice, at: At, tenant: Caller) -> Chosen:
    """Its seed goes into the job's draft; `rescore` makes the film with it, and composes nothing that is there."""
    sheet = revising.read_sheet(at.database, at.storage, tenant.id, job_id)
    take = revising.find_take(_takes(at, tenant, job_id, None), choice.take)
    if take.cue != cue:
        raise InputError(f"the take {take.id} is of the cue {take.cue!r}", "Choose one of the cue's own")
    seed = revising.seed_of(take)
    if not 0 <= seed <= HIGHEST_SEED:
        raise Conflict(f"the take's seed is {seed}", "Compose the cue anew")
    text = revising.reseeded(sheet.text, cue, seed)
    kept = revising.write_sheet(at.database, at.storage, tenant.id, job_id, text, if_match=sheet.etag)
    return Chosen(cue=cue, take=take.id, seed=seed, etag=kept.etag)


def _sheet(at: Desk, tenant: Tenant, job_id: str) -> CueSheet | None:
    try:
        text = revising.read_sheet(at.database, at.storage, tenant.id, job_id).text
    except Conflict:
        return None
    return cue_sheet_json.loads(text)


def _takes(at: Desk, tenant: Tenant, job_id: str, sheet: CueSheet | None) -> list[Take]:
    with at.database.reading() as connection:
        return revising.takes_of(connection, tenant.id, job_id, sheet)


def _find(at: Desk, tenant: Tenant, job_id: str, take_id: str, name: str) -> Artefact:
    take = revising.find_take(_takes(at, tenant, job_id, None), take_id)
    for file in take.files:
        if _name(file) == name:
            return Artefact(take.id, f"{take.cue}-{name}", file.key, file.size_bytes, file.sha256, file.media_type)
    raise UnknownId(f"the take has no file {name[:120]!r}", "See the job's list of takes")


def _shown(job_id: str, take: Take) -> TakeShown:
    facts = take.facts
    return TakeShown(
        take=take.id,
        job=take.job_id,
        cue=take.cue,
        number=take.take,
        state=take.state,
        chosen=take.is_chosen,
        seed=take.seed,
        engine=facts.get("engine"),
        duration_s=facts.get("duration_s"),
        bpm=facts.get("bpm"),
        key=facts.get("key"),
        files=[
            FileShown(
                name=_name(file),
                size_bytes=file.size_bytes,
                sha256=file.sha256,
                media_type=file.media_type,
                url=f"{job_url(job_id)}/takes/{take.id}/{_name(file)}",
            )
            for file in take.files
        ],
        created_s=take.created_s,
    )


def _name(file: File) -> str:
    return file.name.rpartition("/")[2]
