"""What the service answers, as frozen values. Fields that a newer service adds are left out, not refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self, TypeVar

from integrations.service.problems import error_of
from scoring.errors import Cancelled, CuesmithError

T = TypeVar("T")
_ADVICE = "Check that it is a Cuesmith service, of the client's version"
OnBytes = Callable[[int, int], None]  # bytes done, bytes in all


class Document(dict[str, Any]):
    """A JSON object of the server's. Raises CuesmithError for a field it has not."""

    def __missing__(self, name: str) -> Any:
        raise CuesmithError(f"the server's answer has no {name}", _ADVICE)


def read_document(text: bytes) -> Document:
    """A JSON object. Raises CuesmithError for anything else."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise CuesmithError(f"the server's answer is no JSON: {error}", _ADVICE) from error
    if not isinstance(found, dict):
        raise CuesmithError("the server's answer is no JSON object", _ADVICE)
    return Document(found)


class Answer:
    """Read from a JSON object by the names of the fields."""

    __slots__ = ()

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """The value in a JSON object. Raises CuesmithError where a field that is needed is missing."""
        return _made(cls, document)


@dataclass(frozen=True, slots=True)
class Upload(Answer):
    """A film on the server. state: open or complete. Times are seconds since 1970."""

    id: str
    state: str
    name: str
    length_bytes: int
    offset_bytes: int
    created_s: float
    expires_s: float
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class FileOf(Answer):
    """A file that can be downloaded. url: on the server, without its address."""

    name: str
    size_bytes: int
    sha256: str
    media_type: str
    url: str


@dataclass(frozen=True, slots=True)
class Job(Answer):
    """A job as it was when it was read. state: queued, fetching, analysing, spotting, composing, mixing, mastering,
    muxing; succeeded, failed, canceled, aborted. progress: 0..1. Times are seconds since 1970.
    """

    id: str
    kind: str
    state: str
    progress: float
    has_ended: bool
    created_s: float
    order: Mapping[str, Any] = field(default_factory=dict)
    source: Mapping[str, Any] | None = None
    parent: str | None = None
    error: Mapping[str, Any] | None = None
    result: Mapping[str, Any] | None = None
    notes: tuple[str, ...] = ()
    arm: Mapping[str, Any] | None = None
    has_draft: bool = False
    version: int = 0
    started_s: float | None = None
    ended_s: float | None = None
    expires_s: float | None = None
    files: tuple[FileOf, ...] = ()

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """The job in a JSON object."""
        files = tuple(FileOf.of(row) for row in document.get("files", ()))
        return _made(cls, {**document, "files": files, "notes": tuple(document.get("notes", ()))})

    @property
    def has_succeeded(self) -> bool:
        """Whether its files are there."""
        return self.state == "succeeded"

    def check(self) -> None:
        """Raise why it has not succeeded, where it has ended otherwise: the same error as a local run, Cancelled, or
        CuesmithError when its deadline passed.
        """
        if self.error is not None and self.state == "failed":
            raise error_of(self.error)
        if self.state == "canceled":
            raise Cancelled(f"the job {self.id} was cancelled")
        if self.has_ended and not self.has_succeeded:
            raise CuesmithError(f"the job {self.id} is {self.state}", "Submit it again")


@dataclass(frozen=True, slots=True)
class Progress:
    """How a job is getting on. share: 0..1."""

    state: str
    share: float


@dataclass(frozen=True, slots=True)
class SheetText:
    """A cue sheet (docs/cue-sheet.md). is_draft: it was edited since the job used it. etag: of this text."""

    text: str
    etag: str
    is_draft: bool


@dataclass(frozen=True, slots=True)
class Take(Answer):
    """One time that a cue was composed. take: its id. chosen: whether the sheet has its seed."""

    take: str
    job: str
    cue: str
    number: int
    state: str
    chosen: bool
    created_s: float
    seed: int | None = None
    engine: str | None = None
    duration_s: float | None = None
    bpm: float | None = None
    key: str | None = None
    files: tuple[FileOf, ...] = ()

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """The take in a JSON object."""
        return _made(cls, {**document, "files": tuple(FileOf.of(row) for row in document.get("files", ()))})


@dataclass(frozen=True, slots=True)
class Rating(Answer):
    """stars: 1..5. cue: "" of the whole film."""

    job_id: str
    cue: str
    stars: int
    comment: str
    created_s: float


@dataclass(frozen=True, slots=True)
class Music(Answer):
    """Music from words. status: processing, completed or failed. task_id: the job's id."""

    task_id: str
    status: str
    created_at: str
    progress: float
    audio_url: str | None = None
    duration_sec: float | None = None
    notes: tuple[str, ...] = ()
    error: Mapping[str, Any] | None = None

    def check(self) -> None:
        """Raise why it failed."""
        if self.status == "failed":
            raise error_of(self.error or {})


@dataclass(frozen=True, slots=True)
class Webhook(Answer):
    """A receiver. events: which kinds, none for all. secret: only in the answer that made it."""

    id: str
    url: str
    events: list[str]
    enabled: bool
    created_s: float
    disabled_s: float | None = None
    why_disabled: str | None = None
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Delivery(Answer):
    """Something that was or is to be sent to a receiver. id: the receiver's webhook-id."""

    id: str
    job_id: str
    kind: str
    state: str
    attempts: int
    next_s: float
    created_s: float
    status: int | None = None
    error: str | None = None


def _made(kind: type[T], document: Mapping[str, Any]) -> T:
    names = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    try:
        return kind(**{name: value for name, value in document.items() if name in names})
    except TypeError as error:
        raise CuesmithError(f"the server's answer does not read as a {kind.__name__}: {error}", _ADVICE) from error
