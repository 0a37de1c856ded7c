"""What happens to a job, told as it happens: server-sent events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Header
from sqlalchemy import Row
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from integrations.api.desk import At, Caller, Desk
from integrations.api.documented import answers
from integrations.api.lookout import Lookout, Watched
from integrations.jobs.reading import job_row
from integrations.jobs.tenants import Tenant

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

HEARTBEAT_S = 10.0  # proxies close what says nothing for a minute
_RETRY_MS = 2000
_EXAMPLE = (
    'retry: 2000\n\nid: 17\nevent: job.state\ndata: {"job_id": "job_…", "at_s": 1790000000.5, "state": "analysing"}\n\n'
    'event: job.progress\ndata: {"job_id": "job_…", "state": "analysing", "progress": 0.25}\n\n'
)

LastEvent = Annotated[
    str | None,
    Header(alias="Last-Event-ID", description="The id of the last event that you have; only later ones come."),
]


@router.get(
    "/{job_id}/events",
    response_class=StreamingResponse,
    responses={
        **answers(404, 410),
        200: {"description": "Events until the job has ended", "content": {"text/event-stream": {"example": _EXAMPLE}}},
    },
    summary="Follow a job",
)
async def follow(job_id: str, at: At, tenant: Caller, last: LastEvent = None) -> StreamingResponse:
    """Every event so far, then each as it happens; job.progress at most twice a second; ends when the job has ended."""
    await to_thread.run_sync(_check, at, tenant, job_id)
    # What is no number of ours is read as nothing: a browser sends back whatever it was given once.
    after = int(last) if last is not None and last.isascii() and last.isdigit() and len(last) < 19 else 0
    stream = at.lookout.watching(tenant.id, job_id)
    watched = await stream.__aenter__()  # here, so that one reader too many is answered 429

    return _Stream(_told(at.lookout, watched, after), stream)


class _Stream(StreamingResponse):
    """Stops watching when it is over, whoever ended it."""

    def __init__(self, content: AsyncIterator[str], watch: AbstractAsyncContextManager[Watched]) -> None:
        super().__init__(content, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
        self._watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._watch.__aexit__(None, None, None)


async def _told(lookout: Lookout, watched: Watched, after: int) -> AsyncIterator[str]:
    sent, progress = after, -1.0
    yield f"retry: {_RETRY_MS}\n\n"
    while not lookout.is_closing:
        # Sending takes time, in which more may happen; it is told in the next round.
        news, events = watched.changed, list(watched.events)
        is_seen, state, share, has_ended = watched.is_seen, watched.state, watched.progress, watched.has_ended
        for event in events:
            if event.id > sent:
                sent = event.id
                yield _event(event)
        if is_seen and share != progress:
            progress = share
            yield _say("job.progress", {"job_id": watched.job_id, "state": state, "progress": progress})
        if is_seen and has_ended:
            return
        if not await watched.change(news, HEARTBEAT_S):
            yield ": still here\n\n"


def _check(at: Desk, tenant: Tenant, job_id: str) -> None:
    with at.database.reading() as connection:
        job_row(connection, tenant.id, job_id)


def _event(row: Row[Any]) -> str:
    return f"id: {row.id}\n" + _say(row.kind, {"job_id": row.job_id, "at_s": row.at_s, **row.body})


def _say(kind: str, data: dict[str, Any]) -> str:
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n"
