"""What a job has made, to be downloaded."""

from __future__ import annotations

from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request, Response

from integrations.api.desk import At, Caller, Desk
from integrations.api.documented import NOTHING, answers
from integrations.api.downloads import download
from integrations.jobs.reading import Artefact, read_artefact
from integrations.jobs.tenants import Tenant
from scoring.errors import UnknownId

router = APIRouter(prefix="/v1/jobs", tags=["files"])

CONTENT: dict[str, Any] = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    **answers(404, 410, 416),
    200: {"description": "The file", **CONTENT},
    206: {"description": "The range of it that was asked for", **CONTENT},
    304: NOTHING,
}


@router.get("/{job_id}/files/{name:path}", response_class=Response, responses=_RESPONSES, summary="Download a file")
async def read(job_id: str, name: str, request: Request, at: At, tenant: Caller) -> Response:
    """With Range, If-Range and If-None-Match; the ETag is the file's SHA-256."""
    return await download(at, request, await to_thread.run_sync(_find, at, tenant, job_id, name))


@router.head(
    "/{job_id}/files/{name:path}",
    response_class=Response,
    responses={**_RESPONSES, 200: NOTHING, 206: NOTHING},
    summary="Ask for a file's size and hash",
    operation_id="file_headers",
)
async def head(job_id: str, name: str, request: Request, at: At, tenant: Caller) -> Response:
    """The headers of the download."""
    return await download(at, request, await to_thread.run_sync(_find, at, tenant, job_id, name))


def _find(at: Desk, tenant: Tenant, job_id: str, name: str) -> Artefact:
    if "\0" in name:  # PostgreSQL takes none
        raise UnknownId("the job has no file with a NUL in its name", "See the job's list of files")
    with at.database.reading() as connection:
        return read_artefact(connection, tenant.id, job_id, name)
