"""Webhooks: registered behind the guard, sent in the background, listed, sent again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from api_made import scored
from api_rig import ApiRig, served, until
from receivers import Receiver, Said, canary, hostile_urls, receiving

from integrations.webhooks.signing import verify


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def told(tmp_path: Path, receiver: Receiver) -> Iterator[ApiRig]:
    """An API that may send to the receiver."""
    with served(tmp_path, webhook_hosts=(receiver.host,)) as rig:
        yield rig


def test_what_happens_is_sent_signed_once_to_whoever_asked_for_it(told: ApiRig, receiver: Receiver) -> None:
    with told.client() as a:
        made = a.post("/v1/webhooks", json={"url": receiver.url(), "events": ["job.succeeded"]})
        assert made.status_code == 201, made.text
        secret = made.json()["secret"]
        hook = made.json()["id"]
        job = scored(told, a)
        until(lambda: receiver.heard)
        (heard,) = receiver.heard
        event = verify(heard.body, heard.headers, secret)
        assert event["type"] == "job.succeeded"
        assert event["data"]["job_id"] == job
        sent = until(lambda: [d for d in deliveries(a, hook) if d["state"] == "delivered"])[0]
        assert sent["id"] == heard.headers["webhook-id"]
        assert sent["status"] == 200
        assert sent["attempts"] == 1
        assert 'cuesmith_webhook_tries_total{outcome="delivered"} 1.0' in a.get("/metrics").text
        # Shown once, and never again.
        for path in ("", f"/{hook}", f"/{hook}/deliveries"):
            assert secret not in a.get(f"/v1/webhooks{path}").text

        again = a.post(f"/v1/webhooks/{hook}/deliveries/{sent['id']}/replay")
        assert again.status_code == 202
        until(lambda: len(receiver.heard) == 2)
        assert receiver.heard[1].headers["webhook-id"] == sent["id"]


def deliveries(client: httpx.Client, hook: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = client.get(f"/v1/webhooks/{hook}/deliveries").json()["deliveries"]
    return found


def test_while_a_secret_is_changed_both_are_good(told: ApiRig, receiver: Receiver) -> None:
    with told.client() as a:
        made = a.post("/v1/webhooks", json={"url": receiver.url(), "events": ["job.canceled"]}).json()
        fresh = a.post(f"/v1/webhooks/{made['id']}/secret").json()["secret"]
        job = told.job(a)
        a.post(f"/v1/jobs/{job}/cancel")
        until(lambda: receiver.heard)
        heard = receiver.heard[0]
        assert verify(heard.body, heard.headers, made["secret"]) == verify(heard.body, heard.headers, fresh)
        newest = a.post(f"/v1/webhooks/{made['id']}/secret").json()["secret"]
        assert len({made["secret"], fresh, newest}) == 3


def test_a_receiver_that_is_gone_is_left_alone_until_its_owner_says_otherwise(told: ApiRig, receiver: Receiver) -> None:
    receiver.script[:] = [Said(410), Said(200)]
    with told.client() as a:
        hook = a.post("/v1/webhooks", json={"url": receiver.url(), "events": ["job.canceled"]}).json()["id"]
        a.post(f"/v1/jobs/{told.job(a)}/cancel")
        until(lambda: a.get(f"/v1/webhooks/{hook}").json()["enabled"] is False)
        assert "410" in a.get(f"/v1/webhooks/{hook}").json()["why_disabled"]
        a.post(f"/v1/jobs/{told.job(a)}/cancel")
        assert len(deliveries(a, hook)) == 1  # nothing is kept for it meanwhile
        shown = a.patch(f"/v1/webhooks/{hook}", json={"enabled": True}).json()
        assert shown["enabled"] is True
        assert shown["why_disabled"] is None
        a.post(f"/v1/jobs/{told.job(a)}/cancel")
        until(lambda: len(receiver.heard) == 2)


def test_a_receiver_that_fails_holds_no_job_up_and_is_tried_again(told: ApiRig, receiver: Receiver) -> None:
    receiver.script[:] = [Said(500)]
    with told.client() as a:
        hook = a.post("/v1/webhooks", json={"url": receiver.url(), "events": ["job.succeeded"]}).json()["id"]
        scored(told, a)
        sent = until(lambda: [d for d in deliveries(a, hook) if d["attempts"] == 1])[0]
        assert sent["state"] == "waiting"
        assert sent["status"] == 500
        assert sent["next_s"] > sent["created_s"]


def test_webhooks_are_changed_and_deleted(told: ApiRig, receiver: Receiver) -> None:
    with told.client() as a:
        made = a.post("/v1/webhooks", json={"url": receiver.url("/one")}).json()
        hook = f"/v1/webhooks/{made['id']}"
        assert made["events"] == []
        changed = a.patch(hook, json={"url": receiver.url("/two"), "events": ["job.failed"]}).json()
        assert changed["url"].endswith("/two")
        assert changed["events"] == ["job.failed"]
        assert a.patch(hook, json={"events": ["job.danced"]}).status_code == 422
        assert a.patch(hook, json={"url": "http://10.0.0.1/"}).status_code == 422
        assert a.get(hook).json()["url"].endswith("/two")
        assert a.post(f"{hook}/deliveries/msg_{'0' * 32}/replay").status_code == 404
        assert a.delete(hook).status_code == 204
        assert a.get(hook).status_code == a.delete(hook).status_code == 404
        assert a.get("/v1/webhooks").json() == {"webhooks": []}


def test_no_more_are_registered_than_may_be(told: ApiRig, receiver: Receiver) -> None:
    with told.client() as a:
        answers = [a.post("/v1/webhooks", json={"url": receiver.url(f"/{n}")}).status_code for n in range(21)]
    assert answers == [201] * 20 + [429]


def test_no_address_that_leads_inside_is_registered_and_none_is_connected_to(api: ApiRig, a: httpx.Client) -> None:
    with canary() as listener:
        for url in hostile_urls():
            answer = a.post("/v1/webhooks", json={"url": url.replace("PORT", str(listener.port))})
            assert answer.status_code in (422, 503), (url, answer.text)
        assert listener.connects == 0
    assert a.get("/v1/webhooks").json() == {"webhooks": []}
