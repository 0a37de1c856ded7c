"""Jobs as JSON, and what a client sends to make one."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from integrations.jobs.orders import KINDS, Order, read_order
from integrations.jobs.reading import Artefact, JobView
from integrations.outbound.url import read_url
from scoring.errors import AddressRefused

_JOB = "job_5d41402abc4b2a76b9719d911017c592"


class SourceAsked(BaseModel):
    """The film: one of the three."""

    model_config = ConfigDict(extra="forbid")

    upload: str | None = Field(default=None, description="An upload's id.")
    url: str | None = Field(default=None, description="An https address, where the operator allows these.")
    path: str | None = Field(default=None, description="A file of the server's, in a folder that the operator allows.")


class JobAsked(BaseModel):
    """A job to be done: the fields of `cuesmith.order/1`, and its film."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "source": {"upload": "up_3b6f1c0de58a4f7f9a1b2c3d4e5f6071"},
                    "wish": {"style": "cinematic", "prompt": "warm strings, no drums"},
                }
            ]
        },
    )

    source: SourceAsked | None = Field(default=None, description="Needed for the kinds score, analyse and spot.")
    order_schema: str | None = Field(default=None, alias="schema", description="cuesmith.order/1")
    kind: str = Field(default="score", description=f"One of: {', '.join(KINDS)}.")
    wish: dict[str, Any] = Field(
        default_factory=dict, description="What to do, as on the command line: docs/wishes.md."
    )
    texts: dict[str, Any] = Field(default_factory=dict, description="Texts: sheet, prompts, vocabulary, words, edit.")
    cue: str = Field(default="", description="Which cue of texts.sheet, for compose_cue.")
    music: dict[str, Any] = Field(default_factory=dict, description="For kind music.")
    deadline_s: float | None = Field(
        default=None,
        gt=0,
        le=365 * 86_400,
        allow_inf_nan=False,
        description="Not to be started later than so many seconds from now.",
    )

    def order(self) -> Order:
        """The order in it. Raises InputError or UnknownChoice."""
        document: dict[str, Any] = {"kind": self.kind, "wish": self.wish, "texts": self.texts, "music": self.music}
        if self.cue:
            document["cue"] = self.cue
        if self.order_schema is not None:
            document["schema"] = self.order_schema
        return read_order(document)


class FileShown(BaseModel):
    """A file that can be downloaded."""

    name: str = Field(examples=["film.scored.mp4"])
    size_bytes: int = Field(examples=[104857600])
    sha256: str
    media_type: str = Field(examples=["video/mp4"])
    url: str = Field(description="Where it is, with Range.")


class SourceShown(BaseModel):
    """A job's film. sha256 and size_bytes: once it is here."""

    name: str = ""
    sha256: str | None = None
    size_bytes: int | None = None
    url: str | None = Field(default=None, description="Where it was fetched from, without its query.")


class JobShown(BaseModel):
    """A job. Times are seconds since 1970."""

    id: str = Field(examples=[_JOB])
    kind: str = Field(examples=["score"])
    state: str = Field(
        description="queued; fetching, analysing, spotting, composing, mixing, mastering, muxing; "
        "succeeded, failed, canceled, aborted (its deadline passed before it was started).",
        examples=["composing"],
    )
    progress: float = Field(description="0 to 1; it never falls.", examples=[0.42])
    has_ended: bool
    order: dict[str, Any]
    source: SourceShown | None = None
    parent: str | None = Field(default=None, description="The job that this is a revision of.")
    error: dict[str, Any] | None = Field(default=None, description="Why it failed: code, what, advice, stage, retry.")
    result: dict[str, Any] | None = None
    notes: list[str] = Field(description="What its owner should know.")
    arm: dict[str, Any] | None = Field(default=None, description="Of the experiment that it is part of.")
    has_draft: bool = Field(description="Whether its cue sheet was edited since.")
    version: int = Field(description="Rises with every change; it is the ETag.")
    created_s: float
    started_s: float | None = None
    ended_s: float | None = None
    expires_s: float | None = Field(default=None, description="When its files are removed, once it has ended.")
    files: list[FileShown]
    links: dict[str, str]


class JobsShown(BaseModel):
    """Some of the jobs, the newest first."""

    jobs: list[JobShown]
    next: str | None = Field(default=None, description="The cursor of the jobs after these; none: there are no more.")


class JobTaken(BaseModel):
    """A job that was taken in: it is on the disk."""

    id: str = Field(examples=[_JOB])
    was_there: bool = Field(description="An earlier request with the same Idempotency-Key had made it.")
    url: str = Field(examples=[f"/v1/jobs/{_JOB}"])
    events: str = Field(examples=[f"/v1/jobs/{_JOB}/events"])


def job_url(job_id: str) -> str:
    """Where a job is."""
    return f"/v1/jobs/{job_id}"


def file_url(job_id: str, name: str) -> str:
    """Where a file of a job is."""
    return f"{job_url(job_id)}/files/{quote(name, safe='/')}"


def taken(job_id: str, was_there: bool) -> JobTaken:
    """The answer to a request for a job."""
    return JobTaken(id=job_id, was_there=was_there, url=job_url(job_id), events=f"{job_url(job_id)}/events")


def shown_job(job: JobView) -> JobShown:
    """A job for its tenant; nothing of where things lie in our storage."""
    here = job_url(job.id)
    links = {"self": here, "events": f"{here}/events", "units": f"{here}/units"}
    if job.kind in ("score", "spot"):
        links |= {"cue_sheet": f"{here}/cue-sheet", "takes": f"{here}/takes"}
    return JobShown(
        id=job.id,
        kind=job.kind,
        state=job.state,
        progress=job.progress,
        has_ended=job.has_ended,
        order=job.order,
        source=_source(job.source),
        parent=job.parent_id,
        error=job.error,
        result=job.result,
        notes=job.notes,
        arm=job.arm,
        has_draft=job.draft is not None,
        version=job.version,
        created_s=job.created_s,
        started_s=job.started_s,
        ended_s=job.ended_s,
        expires_s=job.expires_s,
        files=[_file(job.id, each) for each in job.artefacts],
        links=links,
    )


def _file(job_id: str, file: Artefact) -> FileShown:
    return FileShown(
        name=file.name,
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        media_type=file.media_type,
        url=file_url(job_id, file.name),
    )


def _source(source: dict[str, Any] | None) -> SourceShown | None:
    if source is None:
        return None
    url = source.get("url")
    if url is not None:
        try:  # its query may be what lets one in
            read = read_url(url)
            url = read.origin + read.target.partition("?")[0]
        except AddressRefused:
            url = None
    return SourceShown(
        name=source.get("name") or "", sha256=source.get("sha256"), size_bytes=source.get("size_bytes"), url=url
    )
