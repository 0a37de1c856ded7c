"""What a Celery client is told of its task: a state of Celery's, and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from celery.exceptions import TaskRevokedError

from integrations.jobs import states
from integrations.jobs.reading import JobView
from integrations.service.problems import problem_of
from scoring.errors import CuesmithError, Gone

SCHEMA = "cuesmith.task/1"
PROGRESS, SUCCESS, FAILURE, REVOKED = "PROGRESS", "SUCCESS", "FAILURE", "REVOKED"


class TaskFailed(Exception):
    """What a client's get() raises. args: a sentence, and the problem as the REST API has it."""

    def __init__(self, text: str, problem: Mapping[str, Any]) -> None:
        super().__init__(text, dict(problem))


@dataclass(frozen=True, slots=True)
class Answer:
    """state: of Celery's states, or PROGRESS. result: JSON, or the exception that Celery makes JSON of."""

    state: str
    result: Any

    @property
    def is_last(self) -> bool:
        """Whether no other follows."""
        return self.state != PROGRESS


def answer_of(job: JobView | None, storage_url: str) -> Answer:
    """What to tell of a job as it is now; None for one that was deleted or has expired."""
    if job is None:
        return failed(Gone("the job was deleted or has expired", "Submit the film again"))
    if job.state == states.SUCCEEDED:
        return Answer(SUCCESS, _document(job, storage_url))
    if job.state in (states.CANCELLED, states.ABORTED):
        return revoked("expired" if job.state == states.ABORTED else "canceled")
    if job.state == states.FAILED:
        problem = job.error or problem_of(CuesmithError("the job failed"))
        return Answer(FAILURE, TaskFailed(_sentence(problem), {**problem, "job_id": job.id}))
    return Answer(PROGRESS, {"job_id": job.id, "state": job.state, "progress": job.progress})


def failed(error: CuesmithError) -> Answer:
    """That no job comes of it, and why."""
    problem = problem_of(error)
    return Answer(FAILURE, TaskFailed(_sentence(problem), problem))


def revoked(why: str) -> Answer:
    """That the job was cancelled, or came too late to be begun."""
    return Answer(REVOKED, TaskRevokedError(why))


def place_of(storage_url: str, key: str) -> str:
    """Where a stored thing is, for programs that can reach the storage: s3://bucket/… or file:///…

    No credential that the storage's URL may have goes into it.
    """
    parts = urlsplit(storage_url)
    if parts.scheme.lower() == "s3":
        prefix = unquote(parts.path).strip("/")
        return f"s3://{parts.netloc}/{prefix + '/' if prefix else ''}{key}"
    folder = unquote(parts.path) if parts.scheme.lower() == "file" else storage_url
    return (Path(folder).absolute() / key).as_uri()


def _document(job: JobView, storage_url: str) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "job_id": job.id,
        "kind": job.kind,
        "state": job.state,
        "result": job.result or {},
        "notes": job.notes,
        "artefacts": [
            {
                "name": file.name,
                "media_type": file.media_type,
                "size_bytes": file.size_bytes,
                "sha256": file.sha256,
                "storage_key": file.storage_key,
                "storage_url": place_of(storage_url, file.storage_key),
            }
            for file in job.artefacts
        ],
        "expires_s": job.expires_s,
    }


def _sentence(problem: Mapping[str, Any]) -> str:
    return f"{problem.get('what', 'it failed')}. {problem.get('advice', '')}".strip()
