from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from range_server import black_hole, closed_port
from scripted_server import Say, scripted

from integrations.client import CuesmithClient
from integrations.service.problems import code_of
from scoring.errors import (
    CapacityError,
    Conflict,
    CuesmithError,
    FetchFailed,
    InputError,
    NotAuthorised,
    QuotaReached,
    StyleError,
    UnknownChoice,
    UnknownId,
)

JOB = {"id": "job_1", "kind": "score", "state": "succeeded", "progress": 1.0, "has_ended": True, "created_s": 1.0}


def problem(kind: str, status: int, **headers: str) -> Say:
    body = {"code": kind, "detail": "it is so", "advice": "do this", "status": status}
    return Say(status, body, {"Content-Type": "application/problem+json", **headers})


def client_of(address: str, **more: Any) -> CuesmithClient:
    return CuesmithClient(address, "csk_x", **{"first_wait_s": 0.01, "retries": 2, **more})


@pytest.mark.parametrize("kind", [UnknownId, NotAuthorised, StyleError, Conflict, UnknownChoice, InputError])
def test_an_error_of_the_server_is_the_same_error_here(kind: type[CuesmithError]) -> None:
    with scripted(problem(code_of(kind), kind.http_status)) as server, client_of(server.address) as client:
        with pytest.raises(kind) as refused:
            client.job("job_1")
        assert type(refused.value) is kind
        assert (refused.value.what, refused.value.advice) == ("it is so", "do this")
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("say", "kind"),
    [
        (problem("invalid_request", 422), InputError),
        (problem("internal_error", 500), CuesmithError),
        (Say(403, "<html>no</html>"), InputError),
        (Say(404, "<html>nothing here</html>"), UnknownId),
        (Say(400, '["a list"]'), InputError),
        (Say(302, "", {"Location": "https://elsewhere.example/"}), InputError),
    ],
)
def test_what_is_no_error_of_ours_becomes_the_nearest_one(say: Say, kind: type[CuesmithError]) -> None:
    with scripted(say) as server, client_of(server.address) as client:
        with pytest.raises(kind) as refused:
            client.job("job_1")
        assert type(refused.value) is kind
        assert len(server.asked) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_may_pass_is_asked_again_until_it_has(status: int) -> None:
    with scripted(Say(status), Say(status), Say(200, JOB)) as server, client_of(server.address) as client:
        assert client.job("job_1").has_succeeded
        assert len(server.asked) == 3


def test_after_as_many_tries_as_may_be_the_error_is_told() -> None:
    with scripted(problem("quota_reached", 429)) as server, client_of(server.address) as client:
        with pytest.raises(QuotaReached, match="it is so"):
            client.job("job_1")
        assert len(server.asked) == 3
    with scripted(Say(429)) as server, client_of(server.address, retries=0) as client:
        with pytest.raises(CapacityError):
            client.job("job_1")
        assert len(server.asked) == 1


def test_the_server_says_how_long_to_wait() -> None:
    soon = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    with scripted(Say(503, "", {"Retry-After": soon}), Say(200, JOB)) as server:
        with client_of(server.address, first_wait_s=60.0) as client:
            assert client.job("job_1").has_succeeded
        server.answers = [Say(503, "", {"Retry-After": "1"}), Say(200, JOB)]
        began_s = time.monotonic()
        with client_of(server.address, first_wait_s=0.01) as client:
            client.job("job_1")
        assert time.monotonic() - began_s >= 1.0


def test_every_try_of_a_request_for_a_job_carries_the_same_key_and_the_next_request_another() -> None:
    taken = Say(202, {"id": "job_1"})
    with scripted(Say(502), Say(503), taken, Say(200, JOB), taken, Say(200, JOB)) as server:
        with client_of(server.address) as client:
            client.submit(upload="up_1")
            client.submit(upload="up_1")
        keys = [headers["Idempotency-Key"] for method, _, headers in server.asked if method == "POST"]
    assert len(keys) == 4
    assert len(set(keys[:3])) == 1
    assert keys[3] not in keys[:3]


def test_what_would_be_made_twice_is_not_asked_again_unless_the_server_did_nothing() -> None:
    hook = {"id": "hook_1", "url": "https://x.example/", "events": [], "enabled": True, "created_s": 1.0}
    with scripted(Say(502), Say(201, hook)) as server, client_of(server.address) as client:
        with pytest.raises(FetchFailed):
            client.webhooks.create("https://x.example/")
        assert len(server.asked) == 1
    with scripted(Say(429, "", {"Retry-After": "0"}), Say(201, hook)) as server, client_of(server.address) as client:
        assert client.webhooks.create("https://x.example/").id == "hook_1"


def test_nobody_there_and_one_who_says_nothing_are_told_apart_from_our_own_faults() -> None:
    with client_of(closed_port()) as client, pytest.raises(FetchFailed, match="does not answer"):
        client.job("job_1")
    with (
        black_hole() as address,
        client_of(address, timeout_s=0.2, retries=0) as client,
        pytest.raises(FetchFailed, match="timed out"),
    ):
        client.job("job_1")


@pytest.mark.parametrize(
    "server", ["", "localhost:8080", "ftp://x/", "http://", "http://u:p@x/", "http://x:port", "http://x/?a=1"]
)
def test_an_address_that_cannot_be_one_is_refused_at_once(server: str) -> None:
    with pytest.raises(InputError, match="address"):
        CuesmithClient(server, "csk_x")


@pytest.mark.parametrize("key", ["", "csk_x\n", "schlüssel", "two words"])
def test_a_key_that_cannot_be_one_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(InputError) as refused:
        CuesmithClient("http://127.0.0.1:1", key)
    assert not key.strip() or key.strip() not in str(refused.value)


def test_an_answer_that_is_none_of_ours_is_an_error() -> None:
    with (
        scripted(Say(200, {"id": "job_1"})) as server,
        client_of(server.address) as client,
        pytest.raises(CuesmithError, match="does not read as a Job"),
    ):
        client.job("job_1")


def test_importing_the_client_loads_nothing_heavy() -> None:
    script = """
import sys
import integrations.client
heavy = {"numpy", "scipy", "sqlalchemy", "fastapi", "structlog", "standardwebhooks", "pydantic", "music_engine"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("body", ["<html>welcome</html>", "[]", "{}", '{"id": 5}'])
def test_an_answer_of_another_kind_of_server_is_an_error(body: str) -> None:
    with scripted(Say(200, body)) as server, client_of(server.address) as client:
        for ask in (client.job, client.takes, client.ratings, client.cancel, client.webhooks.get, client.rescore):
            with pytest.raises(CuesmithError, match="the server's answer"):
                ask("job_1")
