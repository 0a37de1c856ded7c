"""The one error tree in gRPC's words. docs/grpc.md shows the table that comes of it."""

from __future__ import annotations

from collections.abc import Mapping

import grpc

from scoring.errors import Cancelled, CheckpointRefused, CuesmithError, EngineUnavailable, OutputRefused

LONGEST_DETAILS = 1000  # characters; a call's trailers may hold 8 KiB altogether

# Every error has an HTTP status; what that means in gRPC, as the codes' own descriptions have it.
BY_HTTP_STATUS: Mapping[int, grpc.StatusCode] = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    409: grpc.StatusCode.ABORTED,
    410: grpc.StatusCode.NOT_FOUND,
    412: grpc.StatusCode.FAILED_PRECONDITION,
    413: grpc.StatusCode.INVALID_ARGUMENT,
    415: grpc.StatusCode.INVALID_ARGUMENT,
    422: grpc.StatusCode.INVALID_ARGUMENT,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    500: grpc.StatusCode.INTERNAL,
    502: grpc.StatusCode.INTERNAL,
    503: grpc.StatusCode.UNAVAILABLE,
    504: grpc.StatusCode.DEADLINE_EXCEEDED,
    507: grpc.StatusCode.RESOURCE_EXHAUSTED,
}
# Where gRPC knows better than HTTP: nothing is wrong with the request, this server cannot do it.
BY_KIND: Mapping[type[CuesmithError], grpc.StatusCode] = {
    Cancelled: grpc.StatusCode.CANCELLED,
    EngineUnavailable: grpc.StatusCode.FAILED_PRECONDITION,
    CheckpointRefused: grpc.StatusCode.FAILED_PRECONDITION,
    OutputRefused: grpc.StatusCode.FAILED_PRECONDITION,
}


def status_of(error: CuesmithError) -> grpc.StatusCode:
    """The code an error is answered with; where its HTTP status is not in the table, whose fault it is."""
    for kind in type(error).__mro__:
        if kind in BY_KIND:
            return BY_KIND[kind]
    is_callers = 400 <= error.http_status < 500  # statuses of one rim only, such as 460 of resumable uploads
    other = grpc.StatusCode.INVALID_ARGUMENT if is_callers else grpc.StatusCode.INTERNAL
    return BY_HTTP_STATUS.get(error.http_status, other)


def told(kind: str, retry: str) -> tuple[tuple[str, str], ...]:
    """The trailers a client's program may act on: the error's name, and whether to try again: never, later, at once."""
    return (("cuesmith-error", kind), ("cuesmith-retry", retry))


def details_of(error: CuesmithError) -> str:
    """The message for people, on one line and of bounded length."""
    text = " ".join(str(error).split())
    return text if len(text) <= LONGEST_DETAILS else text[: LONGEST_DETAILS - 1] + "…"
