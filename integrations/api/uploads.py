"""Films come in: resumable uploads after tus 1.0.0, and plain forms."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Annotated, Any

from anyio import CancelScope
from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from integrations.api.desk import At, Caller, Desk
from integrations.api.documented import NOTHING, answers
from integrations.api.form import FIELD, Form
from integrations.api.gate import TUS
from integrations.api.receiving import on_disk, receive
from integrations.jobs.uploads import OPEN, Upload
from integrations.storage.checksum import ALGORITHMS, Checksum
from scoring.errors import InputError, UnsupportedMedia, UploadConflict

router = APIRouter(prefix="/v1/uploads", tags=["uploads"])

EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination"
OFFSETS = "application/offset+octet-stream"
_LONGEST_METADATA = 8192
_NAMES = ("filename", "name")
_BYTES: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}

Version = Annotated[str | None, Header(alias="Tus-Resumable", description="The version of tus: 1.0.0.")]
Length = Annotated[str | None, Header(alias="Upload-Length", description="Bytes of the whole film.")]
Metadata = Annotated[
    str | None, Header(alias="Upload-Metadata", description="`filename` and the name in base64; shown to people only.")
]
Offset = Annotated[str | None, Header(alias="Upload-Offset", description="Where the bytes belong.")]
Sum = Annotated[str | None, Header(alias="Upload-Checksum", description="Algorithm and digest in base64.")]


class UploadShown(BaseModel):
    """An upload. Times are seconds since 1970."""

    id: str = Field(examples=["up_3b6f1c0de58a4f7f9a1b2c3d4e5f6071"])
    state: str = Field(description="open or complete", examples=["complete"])
    name: str = Field(description="As the client said it.", examples=["holiday.mp4"])
    length_bytes: int = Field(examples=[104857600])
    offset_bytes: int = Field(description="How many have arrived.", examples=[104857600])
    sha256: str | None = Field(default=None, description="Of the film, once it is complete; hexadecimal.")
    created_s: float
    expires_s: float = Field(description="When it is removed, unless a job still needs it.")


@router.options("", status_code=204, responses=answers(), summary="What these uploads can do")
async def capabilities(tenant: Caller) -> Response:
    """tus 1.0.0 with creation, creation-with-upload, expiration, checksum and termination."""
    return Response(
        status_code=204,
        headers={
            "Tus-Version": TUS,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(tenant.quota.upload_bytes),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        },
    )


@router.post(
    "",
    status_code=201,
    responses=answers(400, 409, 412, 413, 415, 429, 460, 507),
    summary="Begin a resumable upload",
    openapi_extra={"requestBody": {"required": False, "content": {OFFSETS: _BYTES}}},
)
async def create(
    request: Request,
    at: At,
    tenant: Caller,
    version: Version = None,
    length: Length = None,
    metadata: Metadata = None,
    checksum: Sum = None,
) -> Response:
    """Location is the upload's own address. Its first bytes may come with the request (creation-with-upload)."""
    _check_version(version, required=True)
    if length is None:
        raise InputError("the request has no Upload-Length", "Say how many bytes the film has")
    length_bytes = _whole("Upload-Length", length)
    begins = _kind(request) == OFFSETS
    expected = Checksum.parse(checksum) if checksum and begins else None
    upload = await on_disk(at, at.reception.open, tenant, _filename(metadata), length_bytes)
    headers = {"Location": f"/v1/uploads/{upload.id}", "Upload-Expires": _date(upload)}
    if begins:
        upload, offset_bytes = await _append(at, request, upload, 0, expected)
        headers["Upload-Offset"] = str(offset_bytes)
    return Response(status_code=201, headers=headers)


@router.post(
    "/file",
    status_code=201,
    response_model=UploadShown,
    responses=answers(400, 411, 413, 415, 429, 507),
    summary="Upload a film in one form",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": [FIELD],
                        "properties": {FIELD: {"type": "string", "format": "binary"}},
                    }
                }
            },
        }
    },
)
async def post_file(request: Request, response: Response, at: At, tenant: Caller) -> UploadShown:
    """The film is the form's field `file`. It goes to the disk as it comes; a form that breaks off leaves nothing."""
    announced = request.headers.get("content-length")
    if announced is None:
        raise HTTPException(411, "the request has no Content-Length")
    form = Form(request.headers.get("content-type", ""))
    chunks = form.file(request.stream())
    first = await anext(chunks)
    # The form is a little longer than the film in it.
    upload = await on_disk(at, at.reception.open, tenant, form.name or "", _whole("Content-Length", announced))
    try:
        offset_bytes = await receive(at, upload, 0, _with_first(first, chunks))
        if not offset_bytes:
            raise UnsupportedMedia("the film is empty", "Copy or export it again")
        complete = await on_disk(at, at.reception.settle, at.reception.shorten(upload, offset_bytes), 0)
    except BaseException:
        with CancelScope(shield=True):
            await on_disk(at, at.reception.abandon, upload)
        raise
    response.headers["Location"] = f"/v1/uploads/{complete.id}"
    return _shown(complete, complete.length_bytes)


@router.get(
    "/{upload_id}",
    response_model=UploadShown,
    responses=answers(404, 410),
    summary="Read an upload",
    operation_id="read_upload",
)
def read(upload_id: str, at: At, tenant: Caller) -> UploadShown:
    """How far it is, and what it is called."""
    return _shown(*at.reception.read(tenant, upload_id))


@router.head(
    "/{upload_id}",
    responses={**answers(404, 410, 412), 200: NOTHING},
    summary="Ask where an upload stands",
    operation_id="upload_offset",
)
def head(upload_id: str, at: At, tenant: Caller, version: Version = None) -> Response:
    """Upload-Offset says where to go on."""
    _check_version(version)
    upload, offset_bytes = at.reception.read(tenant, upload_id)
    headers = {
        "Upload-Offset": str(offset_bytes),
        "Upload-Length": str(upload.length_bytes),
        "Upload-Expires": _date(upload),
    }
    if upload.name:
        headers["Upload-Metadata"] = f"filename {base64.b64encode(upload.name.encode()).decode('ascii')}"
    return Response(status_code=200, headers=headers)


@router.patch(
    "/{upload_id}",
    status_code=204,
    responses=answers(400, 404, 409, 410, 412, 413, 415, 429, 460, 507),
    summary="Send bytes of an upload",
    openapi_extra={"requestBody": {"required": True, "content": {OFFSETS: _BYTES}}},
)
async def patch(
    request: Request,
    upload_id: str,
    at: At,
    tenant: Caller,
    version: Version = None,
    offset: Offset = None,
    checksum: Sum = None,
) -> Response:
    """What arrives is kept, also when the connection breaks. With the last byte the film is checked and complete."""
    _check_version(version, required=True)
    if _kind(request) != OFFSETS:
        raise UnsupportedMedia(f"the body is {_kind(request)[:60] or 'of no type'}", f"Send it as {OFFSETS}")
    if offset is None:
        raise InputError("the request has no Upload-Offset", "Say where the bytes belong; HEAD answers it")
    at_bytes = _whole("Upload-Offset", offset)
    expected = Checksum.parse(checksum) if checksum else None
    upload, stands = await on_disk(at, at.reception.read, tenant, upload_id)
    if upload.state != OPEN:
        if at_bytes != stands:
            raise UploadConflict(f"the upload is complete with {stands} bytes", "Nothing more is to be sent")
        return Response(status_code=204, headers={"Upload-Offset": str(stands), "Upload-Expires": _date(upload)})
    upload, offset_bytes = await _append(at, request, upload, at_bytes, expected)
    return Response(status_code=204, headers={"Upload-Offset": str(offset_bytes), "Upload-Expires": _date(upload)})


@router.delete("/{upload_id}", status_code=204, responses=answers(404, 409, 410, 412), summary="Delete an upload")
def terminate(upload_id: str, at: At, tenant: Caller, version: Version = None) -> Response:
    """It is gone at once. Refused while a job that has not ended needs it."""
    _check_version(version)
    upload, _ = at.reception.read(tenant, upload_id)
    at.reception.terminate(upload)
    return Response(status_code=204)


async def _append(
    at: Desk, request: Request, upload: Upload, at_bytes: int, checksum: Checksum | None
) -> tuple[Upload, int]:
    offset_bytes = await receive(at, upload, at_bytes, request.stream(), checksum)
    with CancelScope(shield=True):
        settled = await on_disk(at, at.reception.settle, upload, at_bytes)
    return settled, offset_bytes


async def _with_first(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk


def _check_version(version: str | None, *, required: bool = False) -> None:
    if version is None and not required:
        return
    if version != TUS:
        raise HTTPException(412, f"the request says Tus-Resumable {version!r:.40}", {"Tus-Version": TUS})


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise InputError(f"{name} is {text[:40]!r}", "Give a whole number of bytes")
    return int(text)


def _filename(metadata: str | None) -> str:
    """What the metadata call the film. Raises InputError when they do not read."""
    if metadata is None or not metadata.strip():
        return ""
    if len(metadata) > _LONGEST_METADATA:
        raise InputError(f"Upload-Metadata has {len(metadata)} characters", f"At most {_LONGEST_METADATA} are taken")
    found: dict[str, str] = {}
    for pair in metadata.split(","):
        key, _, encoded = pair.strip().partition(" ")
        if not key or key in found:
            raise InputError("Upload-Metadata has a key that is empty or there twice", "Give: filename and base64")
        try:
            found[key] = base64.b64decode(encoded.strip(), validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError) as error:
            raise InputError(f"Upload-Metadata: {key[:40]!r} is not in base64", "Encode the value") from error
    return next((found[name] for name in _NAMES if name in found), "")


def _date(upload: Upload) -> str:
    return format_datetime(datetime.fromtimestamp(upload.expires_s, UTC), usegmt=True)


def _shown(upload: Upload, offset_bytes: int) -> UploadShown:
    return UploadShown(
        id=upload.id,
        state=upload.state,
        name=upload.name,
        length_bytes=upload.length_bytes,
        offset_bytes=offset_bytes,
        sha256=upload.sha256,
        created_s=upload.created_s,
        expires_s=upload.expires_s,
    )
