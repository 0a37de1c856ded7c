"""What the OpenAPI document says of answers, once."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from integrations.api.problems import MEDIA_TYPE, Problem

_ALWAYS = (401, 422, 429, 500)
NOTHING: dict[str, Any] = {"description": "Only headers"}
_PHRASES = {460: "Checksum mismatch"}


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer: these, and those that every route may."""
    return {
        status: {
            "description": _PHRASES.get(status) or HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}},
        }
        for status in sorted({*statuses, *_ALWAYS})
    }
