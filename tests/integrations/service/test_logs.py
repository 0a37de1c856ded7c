from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from integrations.service.logs import log_to_stderr, logger, without_secrets


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    ours = logging.getLogger("integrations").level
    made = io.StringIO()
    log_to_stderr(made)
    yield made
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
    root.setLevel(level)
    logging.getLogger("integrations").setLevel(ours)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_an_object_with_time_level_and_what_was_bound(stream: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(job="job_1"):
        logger("integrations.work.slot").info("done", unit="u\n1")
    (line,) = lines(stream)
    assert line["event"] == "done"
    assert line["job"] == "job_1"
    assert line["unit"] == "u\n1"
    assert line["level"] == "info"
    assert line["logger"] == "integrations.work.slot"
    assert str(line["time"]).endswith("Z")


def test_libraries_are_heard_when_something_is_wrong(stream: io.StringIO) -> None:
    logging.getLogger("some.library").info("chatter")
    logging.getLogger("some.library").warning("the broker %s is away", "redis://:pw@host/0")
    (line,) = lines(stream)
    assert line["event"] == "the broker redis://:…@host/0 is away"


def test_called_again_the_last_call_counts(stream: io.StringIO) -> None:
    other = io.StringIO()
    log_to_stderr(other)
    logger("integrations.x").info("once")
    assert stream.getvalue() == ""
    assert len(lines(other)) == 1


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("key csk_abcDEF-123_x.", "key csk_…."),
        ("whsec_aGVsbG8/+=", "whsec_…"),
        ("GET https://a.example/f.mp4?X-Amz-Signature=1&b=2 done", "GET https://a.example/f.mp4?… done"),
        ("s3://bucket/x?key=A&secret=B", "s3://bucket/x?…"),
        ("postgresql+psycopg://me:pass@db/x", "postgresql+psycopg://me:…@db/x"),
        ("nothing of that kind? no", "nothing of that kind? no"),
    ],
)
def test_what_is_secret_is_taken_out(text: str, kept: str) -> None:
    assert without_secrets(text) == kept


def test_a_trace_keeps_its_frames_and_loses_its_secrets(stream: io.StringIO) -> None:
    try:
        raise ValueError("with csk_abcdefghijk in it")
    except ValueError:
        logger("integrations.x").error("broke", exc_info=True)
    (line,) = lines(stream)
    assert "test_logs.py" in str(line["exception"])
    assert "csk_a" not in str(line["exception"])
