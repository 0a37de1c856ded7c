"""Every error of the one tree has a gRPC code."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest

from integrations.rpc.statuses import details_of, status_of, told
from scoring.errors import (
    Cancelled,
    CapacityError,
    CuesmithError,
    DiskFull,
    EngineError,
    EngineUnavailable,
    FetchFailed,
    InputError,
    UnknownChoice,
    VideoMissing,
)


def tree(root: type[CuesmithError] = CuesmithError) -> Iterator[type[CuesmithError]]:
    yield root
    for kind in root.__subclasses__():
        yield from tree(kind)


@pytest.mark.parametrize("kind", sorted(set(tree()), key=lambda kind: kind.__name__), ids=lambda kind: kind.__name__)
def test_every_error_of_the_tree_has_a_code_that_blames_the_same_side(kind: type[CuesmithError]) -> None:
    code = status_of(kind("broken"))
    assert code not in (grpc.StatusCode.OK, grpc.StatusCode.UNKNOWN)
    assert (code is grpc.StatusCode.INTERNAL) == (kind.http_status in (500, 502))
    assert (code is grpc.StatusCode.UNAUTHENTICATED) == (kind.http_status == 401)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CuesmithError("x"), grpc.StatusCode.INTERNAL),
        (InputError("x"), grpc.StatusCode.INVALID_ARGUMENT),
        (UnknownChoice("x"), grpc.StatusCode.INVALID_ARGUMENT),
        (VideoMissing("x"), grpc.StatusCode.NOT_FOUND),
        (EngineUnavailable("x"), grpc.StatusCode.FAILED_PRECONDITION),
        (CapacityError("x"), grpc.StatusCode.RESOURCE_EXHAUSTED),
        (DiskFull("x"), grpc.StatusCode.RESOURCE_EXHAUSTED),
        (EngineError("x"), grpc.StatusCode.INTERNAL),
        (FetchFailed("x"), grpc.StatusCode.UNAVAILABLE),
        (Cancelled("x"), grpc.StatusCode.CANCELLED),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value.name,
)
def test_codes_say_whose_fault_it_is_and_whether_to_try_again(error: CuesmithError, code: grpc.StatusCode) -> None:
    assert status_of(error) is code


def test_details_are_one_line_of_bounded_length() -> None:
    assert details_of(InputError("a\nb", "c")) == "a b. c"
    assert len(details_of(InputError("x" * 5000))) == 1000


def test_trailers_carry_the_retry_policy() -> None:
    assert told("EngineError", EngineError.retry) == (("cuesmith-error", "EngineError"), ("cuesmith-retry", "at once"))
