"""One attempt, against real receivers."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from receivers import Dialler, Said, canary, certificate, public_name, receiving

from integrations.outbound.client import Client
from integrations.outbound.guard import Guard
from integrations.webhooks.post import Event, post_event
from integrations.webhooks.signing import new_secret, verify
from scoring.errors import InputError

NOW = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
OLD, NEW = new_secret(), new_secret()
EVENT = Event(
    "msg_1", "job.succeeded", datetime(2026, 3, 1, 11, 0, 0, tzinfo=UTC), {"job": "j1", "title": "Übung \udcff"}
)


def _client(*hosts: str) -> Client:
    return Client(Guard(allowed_hosts=hosts))


def test_what_arrives_is_signed_json_that_verifies_with_either_secret(tmp_path: Path) -> None:
    server, trusting = certificate(tmp_path, "hooks.example.com")
    with receiving(Said(204, b""), tls=server) as receiver:
        guard = Guard(allowed_hosts=(f"hooks.example.com:{receiver.port}",), resolve=public_name(["127.0.0.1"]))
        url = receiver.url("/in?key=1", "hooks.example.com")
        attempt = post_event(url, (NEW, OLD), EVENT, client=Client(guard, tls=trusting), now=NOW)
    heard = receiver.heard[0]
    assert (attempt.status, attempt.delivered, attempt.gone, attempt.error) == (204, True, False, None)
    assert (heard.method, heard.path, heard.headers["content-type"]) == ("POST", "/in?key=1", "application/json")
    for secret in (OLD, NEW):
        assert verify(heard.body, heard.headers, secret, now=NOW) == {
            "type": "job.succeeded",
            "timestamp": "2026-03-01T11:00:00.000Z",
            "data": {"job": "j1", "title": "Übung \udcff"},
        }
    assert receiver.names == ["hooks.example.com"]


def test_every_attempt_sends_the_same_id_and_body_under_a_new_timestamp() -> None:
    with receiving() as receiver:
        for second in (0, 7):
            now = NOW.replace(second=second)
            post_event(receiver.url(), (OLD,), EVENT, client=_client(receiver.host), now=now)
            assert verify(receiver.heard[-1].body, receiver.heard[-1].headers, OLD, now=now, tolerance_s=1)
        first, second_one = receiver.heard
    assert first.body == second_one.body
    assert first.headers["webhook-id"] == second_one.headers["webhook-id"] == "msg_1"
    assert first.headers["webhook-signature"] != second_one.headers["webhook-signature"]


@pytest.mark.parametrize(
    ("said", "delivered", "gone", "error"),
    [
        (Said(200), True, False, None),
        (Said(202), True, False, None),
        (Said(410), False, True, "answered 410"),
        (Said(302, b"", {"Location": "https://hooks.example.com/"}), False, False, "redirects are not followed"),
        (Said(400), False, False, "answered 400"),
        (Said(404), False, False, "answered 404"),
        (Said(500), False, False, "answered 500"),
        (Said(200, b"x" * 300_000), True, False, None),
        (Said(200, b"x" * 100, ends_after=10), True, False, None),  # the status came
        (Said(200, b"x" * 100, chunked=True, ends_after=10), True, False, None),
        (Said(500, b"x" * 1000, drip_s=0.05), False, False, "answered 500"),
    ],
    ids=lambda value: f"{value.status} {len(value.body)} {value.drip_s}" if isinstance(value, Said) else None,
)
def test_what_an_answer_means(said: Said, delivered: bool, gone: bool, error: str | None) -> None:
    with receiving(said) as receiver:
        attempt = post_event(receiver.url(), (OLD,), EVENT, client=_client(receiver.host), now=NOW, total_s=1.0)
    assert (attempt.status, attempt.delivered, attempt.gone) == (said.status, delivered, gone)
    assert error in attempt.error if error and attempt.error else attempt.error is error
    assert attempt.elapsed_s >= 0


def test_nothing_of_the_answers_body_is_told() -> None:
    with receiving(Said(500, b"inner secret")) as receiver:
        attempt = post_event(receiver.url(), (OLD,), EVENT, client=_client(receiver.host), now=NOW)
    assert "inner secret" not in repr(attempt)


def test_retry_after_is_kept_for_the_schedule() -> None:
    with receiving(Said(503, b"", {"Retry-After": "120"})) as receiver:
        assert post_event(receiver.url(), (OLD,), EVENT, client=_client(receiver.host), now=NOW).asked_s == 120.0


def test_nobody_there_and_nobody_answering_are_attempts_like_others() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        attempt = post_event(f"http://{host}/?k=hidden", (OLD,), EVENT, client=_client(host), now=NOW, total_s=0.6)
        assert (attempt.status, attempt.delivered, attempt.gone) == (None, False, False)
        assert attempt.error
    attempt = post_event(f"http://{host}/?k=hidden", (OLD,), EVENT, client=_client(host), now=NOW)
    assert attempt.status is None
    assert attempt.error
    assert "cannot be connected to" in attempt.error
    assert "hidden" not in attempt.error


def test_a_url_that_is_not_allowed_any_more_is_an_attempt_that_connects_to_nothing() -> None:
    with canary() as inside:
        dialler = Dialler()
        guard = Guard(ports=(inside.port,), resolve=public_name(["93.184.216.34"], ["127.0.0.1"]))
        url = f"https://hooks.example.com:{inside.port}/"
        guard.check(url)  # as it was registered
        attempt = post_event(url, (OLD,), EVENT, client=Client(guard, below=dialler), now=NOW)
        assert (attempt.status, attempt.delivered, attempt.gone) == (None, False, False)
        assert attempt.error
        assert "loopback" in attempt.error
        assert dialler.asked == []
        assert inside.connects == 0


@pytest.mark.parametrize(
    ("secrets", "event"),
    [
        ((), EVENT),
        (("whsec_short",), EVENT),
        ((OLD,), Event("a.b", "t", NOW, {})),
        ((OLD,), Event("a", "t", NOW, {"n": float("nan")})),
        ((OLD,), Event("a", "t", NOW, {"n": object()})),
    ],
    ids=["no secret", "a short secret", "an id in two parts", "not a number", "an object"],
)
def test_what_is_our_own_fault_is_raised_before_anything_is_sent(secrets: tuple[str, ...], event: Event) -> None:
    with receiving() as receiver:
        with pytest.raises(InputError):
            post_event(receiver.url(), secrets, event, client=_client(receiver.host), now=NOW)
        assert receiver.heard == []


def test_the_body_is_plain_json() -> None:
    assert json.loads(EVENT.body())["data"]["job"] == "j1"
    assert EVENT.body().isascii()
