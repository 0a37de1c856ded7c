"""Errors as clients see them: application/problem+json (RFC 9457), all from the one error tree."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from integrations.service.problems import problem_of
from scoring.errors import CapacityError, CuesmithError, FetchFailed, InputError, NotAuthorised

MEDIA_TYPE = "application/problem+json"
_RETRY_S = 5  # said where nothing better is known
_MOST_MISTAKES = 20
_CODES: Mapping[int, str] = {
    404: "unknown_route",
    405: "method_not_allowed",
    408: "body_too_slow",
    411: "length_required",
    412: "precondition_failed",
    413: "media_too_large",
}
_ADVICE: Mapping[int, str] = {
    404: "See /openapi.json for what there is",
    405: "See the Allow header",
    408: "Send the body without long pauses",
    411: "Say how long the body is",
    412: "See the headers of the answer",
    413: "Send less, or use /v1/uploads",
}


class Mistake(BaseModel):
    """One thing in a request that does not fit."""

    where: str = Field(description="Which part of the request.", examples=["body.stars"])
    what: str = Field(description="What is wrong with it.", examples=["Input should be less than or equal to 5"])


class Problem(BaseModel):
    """What every answer of status 400 and above says."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:cuesmith:problem:unknown_id",
                    "title": "Unknown id",
                    "status": 404,
                    "detail": "there is no job job_00000000000000000000000000000000",
                    "code": "unknown_id",
                    "advice": "Check the id",
                    "retry": "never",
                    "instance": "urn:cuesmith:request:req_4f0c5e1b7a0d4d0f9a3c2b1e8d7f6a55",
                }
            ]
        }
    )

    type: str = Field(description="Which kind of problem, as a URN.")
    title: str = Field(description="The kind of problem, for people.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong, with the value found.")
    code: str = Field(description="The kind of problem, for programs.")
    advice: str = Field(description="What to do about it.")
    retry: str = Field(description='Whether the same request may succeed: "never", "later" or "at once".')
    instance: str = Field(description="This request; the server's log has more under this id.")
    mistakes: list[Mistake] | None = Field(default=None, description="Each thing that does not fit, where several may.")


def problem_response(
    scope: Scope, error: CuesmithError, headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    """An error as an answer to the request of that scope."""
    said = problem_of(error)
    sent = dict(headers or {})
    if isinstance(error, NotAuthorised):
        sent.setdefault("WWW-Authenticate", 'Bearer realm="cuesmith"')
    if isinstance(error, (CapacityError, FetchFailed)):
        sent.setdefault("Retry-After", str(_RETRY_S))
    return _response(
        scope, said["status"], said["code"], said["what"], said["advice"], retry=said["retry"], headers=sent, **more
    )


def crash_response(scope: Scope) -> Response:
    """What a client is told of an error that nobody foresaw: where to find it in the log, and nothing else."""
    detail = "something went wrong on our side"
    return _response(scope, 500, "internal_error", detail, "Try again; tell the operator the instance", retry="later")


def handle_problems(app: FastAPI) -> None:
    """Answer every error of the tree, the framework's own and bad requests in the one form."""

    async def ours(request: Request, error: CuesmithError) -> Response:
        return problem_response(request.scope, error)

    async def framework(request: Request, error: HTTPException) -> Response:
        code = _CODES.get(error.status_code, "bad_request")
        status = error.status_code
        headers = dict(error.headers or {})
        return _response(request.scope, status, code, str(error.detail), _ADVICE.get(status, ""), headers=headers)

    async def invalid(request: Request, error: RequestValidationError) -> Response:
        found = [Mistake(where=".".join(map(str, e["loc"])), what=str(e["msg"])) for e in error.errors()]
        first = found[0] if found else Mistake(where="request", what="it does not fit")
        return _response(
            request.scope,
            422,
            "invalid_request",
            f"{first.where}: {first.what}",
            "See /openapi.json for the form of the request",
            mistakes=[mistake.model_dump() for mistake in found[:_MOST_MISTAKES]],
        )

    async def too_deep(request: Request, error: RecursionError) -> Response:
        return problem_response(request.scope, InputError("the body is nested too deep", "Nest it less"))

    app.add_exception_handler(CuesmithError, ours)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, framework)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, invalid)  # type: ignore[arg-type]
    app.add_exception_handler(RecursionError, too_deep)  # type: ignore[arg-type]


def _response(
    scope: Scope,
    status: int,
    code: str,
    detail: str,
    advice: str,
    *,
    retry: str = "never",
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    body = {
        "type": f"urn:cuesmith:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
        "advice": advice,
        "retry": retry,
        "instance": f"urn:cuesmith:request:{scope.get('state', {}).get('request_id', 'unknown')}",
        **more,
    }
    # In ASCII: a message may repeat half of a character that a client sent.
    return Response(json.dumps(body), status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))
