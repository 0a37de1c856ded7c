from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from integrations.bell.messages import Sent, read_message
from scoring.errors import InputError


def message(body: Any, headers: dict[str, Any] | None = None, **properties: Any) -> Any:
    return SimpleNamespace(decode=lambda: body, headers=headers or {}, properties=properties)


def test_the_second_protocol_is_read() -> None:
    headers = {"task": "cuesmith.spot", "id": "t1", "expires": "2026-01-01T00:00:00+00:00"}
    body = [[{"upload": "u"}], {"tenant": "acme"}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}]
    assert read_message(message(body, headers, reply_to="q")) == Sent(
        "t1", "cuesmith.spot", [{"upload": "u"}], {"tenant": "acme"}, 1767225600.0, "q", ()
    )


def test_the_first_protocol_is_read() -> None:
    sent = read_message(message({"task": "a", "id": "t", "args": [1], "kwargs": {}, "expires": "2026-01-01T00:00:00"}))
    assert sent == Sent("t", "a", [1], {}, 1767225600.0)


@pytest.mark.parametrize("part", ["callbacks", "errbacks", "chain", "chord"])
def test_what_is_to_follow_is_noticed(part: str) -> None:
    sent = read_message(message([[], {}, {part: [{"task": "next"}]}], {"task": "a", "id": "t", "eta": "2026-01-01"}))
    assert sent.extras == (part, "eta")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({}, {}),
        ([[], {}, {}], {}),
        ([[], {}], {"task": "a", "id": "t"}),
        ("text", {"task": "a", "id": "t"}),
        ([[], {}, {}], {"task": "a", "id": 7}),
        ([[], {}, {}], {"task": "a", "id": ""}),
        ([[], {}, {}], {"task": "a", "id": 201 * "t"}),
        ([[], {}, {}], {"task": None, "id": "t"}),
        (["args", {}, {}], {"task": "a", "id": "t"}),
        ([[], [], {}], {"task": "a", "id": "t"}),
    ],
)
def test_what_is_no_task_is_refused(body: Any, headers: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        read_message(message(body, headers))
