"""Errors as other processes and other machines read them: one JSON form of the one error tree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scoring.errors import CuesmithError

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def code_of(kind: type[CuesmithError]) -> str:
    """The name clients see: "unsupported_media" of UnsupportedMedia."""
    return _HUMP.sub("_", kind.__name__).lower()


def problem_of(error: CuesmithError) -> dict[str, Any]:
    """{"code", "what", "advice", "status", "retry"}."""
    return {
        "code": code_of(type(error)),
        "what": error.what,
        "advice": error.advice,
        "status": error.http_status,
        "retry": error.retry,
    }


def error_of(problem: Mapping[str, Any]) -> CuesmithError:
    """The error that problem_of was given; a plain CuesmithError of a kind this version does not know."""
    kinds = {code_of(kind): kind for kind in _tree(CuesmithError)}
    kind = kinds.get(str(problem.get("code")), CuesmithError)
    return kind(str(problem.get("what", "it failed")), str(problem.get("advice", "")))


def _tree(kind: type[CuesmithError]) -> Iterator[type[CuesmithError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _tree(below)
