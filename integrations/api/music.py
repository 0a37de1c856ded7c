"""Music from words, without a film: one request that mostly is its own answer."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from integrations.api.asking import Same, ask_for
from integrations.api.desk import At, Caller, Desk
from integrations.api.documented import answers
from integrations.api.shapes import file_url
from integrations.jobs import orders
from integrations.jobs.intake import Ask, Taken
from integrations.jobs.orders import Order, read_order
from integrations.jobs.reading import JobView, read_job
from integrations.jobs.states import SUCCEEDED
from integrations.jobs.tenants import Tenant
from scoring.errors import Gone, InputError, UnknownId
from scoring.limits import HIGHEST_SEED

router = APIRouter(prefix="/v1/audio/music", tags=["music"])

WAIT_S = 30.0  # so long the answer is waited for
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


class MusicAsked(BaseModel):
    """A piece of music."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "prompt": "hopeful folk with acoustic guitar and strings, 96 bpm",
                    "lyrics": "[verse]\nMorning comes over the hill\n[chorus]\nAnd we sing, we sing",
                    "duration": 60,
                    "output_format": "mp3",
                }
            ]
        },
    )

    prompt: str = Field(
        default="", max_length=orders.LONGEST_PROMPT, description="Style, mood, instruments, tempo, key."
    )
    lyrics: str = Field(
        default="",
        max_length=orders.LONGEST_LYRICS,
        description="With section tags such as [verse] and [chorus]; they shape the form.",
    )
    duration: float = Field(ge=orders.MUSIC_S[0], le=orders.MUSIC_S[1], allow_inf_nan=False, description="Seconds.")
    output_format: Literal["wav", "flac", "mp3", "ogg"] = "mp3"
    engine: str | None = Field(default=None, max_length=100, description="auto where it is left out.")
    seed: int | None = Field(
        default=None, ge=0, le=HIGHEST_SEED, strict=True, description="The same seed, the same music."
    )


class MusicShown(BaseModel):
    """How a piece of music is getting on."""

    task_id: str = Field(examples=["job_5d41402abc4b2a76b9719d911017c592"])
    status: Literal["processing", "completed", "failed"]
    audio_url: str | None = Field(default=None, description="Where it is, with the same key.")
    duration_sec: float | None = Field(default=None, examples=[60.0])
    created_at: str = Field(examples=["2026-11-26T12:00:00Z"])
    progress: float
    notes: list[str] = Field(description="What its owner should know: what was not heeded, whether lyrics are sung.")
    error: dict[str, Any] | None = None


@router.post(
    "/generate",
    response_model=MusicShown,
    responses={**answers(400, 409), 202: {"model": MusicShown, "description": "Still processing: poll the Location"}},
    summary="Generate music",
)
async def generate(
    request: Request, response: Response, wanted: MusicAsked, at: At, tenant: Caller, same: Same = None
) -> MusicShown:
    """Waits up to 30 s: 200 when it is completed by then, else 202 with the address to poll."""
    made = await to_thread.run_sync(_take_in, at, request, tenant, wanted, same)
    ends_s = at.lookout.clock() + WAIT_S
    async with at.lookout.watching(tenant.id, made.job_id) as watched:
        while not watched.has_ended and not at.lookout.is_closing and at.lookout.clock() < ends_s:
            await watched.change(watched.changed, ends_s - at.lookout.clock())
    job = await to_thread.run_sync(_read, at, tenant, made.job_id)
    response.status_code = 200 if job.has_ended else 202
    response.headers["Location"] = f"/v1/audio/music/{job.id}"
    return _shown(request, job)


@router.get("/{task_id}", response_model=MusicShown, responses=answers(404, 410), summary="Poll generated music")
def poll(task_id: str, request: Request, response: Response, at: At, tenant: Caller) -> MusicShown:
    """As the answer to `generate`."""
    job = _read(at, tenant, task_id)
    if not job.has_ended:
        response.headers["Retry-After"] = "2"
    return _shown(request, job)


def _take_in(at: Desk, request: Request, tenant: Tenant, wanted: MusicAsked, same: str | None) -> Taken:
    if not (wanted.prompt.strip() or wanted.lyrics.strip()):
        raise InputError("there is neither a prompt nor lyrics", "Say what the music is to be like")
    music = {
        "prompt": wanted.prompt,
        "lyrics": wanted.lyrics,
        "duration_s": wanted.duration,
        "output_format": wanted.output_format,
    }
    wish = {name: value for name, value in (("engine", wanted.engine), ("seed", wanted.seed)) if value is not None}
    order = read_order(Order("music", wish, music=music).to_json())
    return ask_for(at, request.scope, tenant, Ask(order, same=same))


def _read(at: Desk, tenant: Tenant, job_id: str) -> JobView:
    with at.database.reading() as connection:
        try:
            job = read_job(connection, tenant.id, job_id)
        except Gone as error:
            raise Gone(error.what, "Generate it again") from error
    if job.kind != "music":
        raise UnknownId(f"there is no job {job_id[:80]}", "Check the id")
    return job


def _shown(request: Request, job: JobView) -> MusicShown:
    result = job.result or {}
    audio = next((file for file in job.artefacts if file.media_type.startswith("audio/")), None)
    is_done = job.state == SUCCEEDED and audio is not None
    error = job.error
    if job.has_ended and not is_done and error is None:
        error = {"code": job.state, "what": f"the job is {job.state}", "advice": "Generate it again"}
    duration = result.get("duration_s", job.order.get("music", {}).get("duration_s"))
    return MusicShown(
        task_id=job.id,
        status="completed" if is_done else "failed" if job.has_ended else "processing",
        audio_url=_absolute(request, file_url(job.id, audio.name)) if is_done and audio is not None else None,
        duration_sec=duration,
        created_at=datetime.fromtimestamp(job.created_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        progress=job.progress,
        notes=list(dict.fromkeys([*result.get("warnings", []), *result.get("notes", []), *job.notes])),
        error=None if is_done else error,
    )


def _absolute(request: Request, path: str) -> str:
    """The address as the client reaches us; without a host that reads, the path alone."""
    host = request.headers.get("host", "")
    return f"{request.url.scheme}://{host}{path}" if _HOST.fullmatch(host) else path
