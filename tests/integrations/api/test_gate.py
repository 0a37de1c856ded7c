"""Who is let in, how often, and with how much."""

from __future__ import annotations

import json
import re
import select
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_made import SHEET, scored
from api_rig import ApiRig, served, until

from integrations.api import gate
from integrations.jobs.ids import new_id
from integrations.jobs.tenants import list_keys, revoke_key
from integrations.service.settings import Quota, ServiceSettings

BODIES: dict[tuple[str, str], Any] = {
    ("put", "/v1/jobs/{job_id}/cue-sheet"): SHEET,
    ("put", "/v1/jobs/{job_id}/cues/{cue}/take"): {"take": "unit_00000000000000000000000000000000"},
    ("post", "/v1/jobs/{job_id}/ratings"): {"stars": 3},
    ("patch", "/v1/webhooks/{webhook_id}"): {"enabled": True},
    ("post", "/v1/jobs/{job_id}/cues/{cue}/recompose"): {},
}
TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
OF_EVERYBODY = ("/v1/experiments/{name}",)  # figures over all tenants; nothing of a single other one
OPEN = {"/healthz", "/readyz", "/metrics"}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiRig]:
    with served(tmp_path_factory.mktemp("api"), webhook_hosts=("127.0.0.1:9",)) as rig:
        yield rig


def routes(api: ApiRig) -> list[tuple[str, str]]:
    document = httpx.get(f"{api.address}/openapi.json").json()
    return [(verb, path) for path, verbs in document["paths"].items() for verb in verbs]


def ask(client: httpx.Client, verb: str, path: str, ids: dict[str, str]) -> httpx.Response:
    url = re.sub(r"{(\w+)}", lambda match: ids[match[1]], path)
    if verb == "patch" and "uploads" in path:
        return client.request(verb, url, content=b"x", headers=TUS)
    headers = {"Tus-Resumable": "1.0.0"} if "uploads" in path else {}
    body = BODIES.get((verb, path))
    return client.request(verb, url, json=body, headers=headers)


def test_no_route_answers_without_a_good_key_and_none_tells_another_tenants_things_from_nothing(api: ApiRig) -> None:
    with api.client("a") as a:
        job = scored(api, a)
        take = a.get(f"/v1/jobs/{job}/takes").json()["takes"][0]["take"]
        hook = a.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/x"}).json()["id"]
        scored(api, a)  # of which the webhook is told
        sent = a.get(f"/v1/webhooks/{hook}/deliveries").json()["deliveries"][0]["id"]
        music = a.post("/v1/jobs", json={"kind": "music", "music": {"duration_s": 10, "prompt": "x"}}).json()["id"]
        upload = api.upload(a)
    mine = {
        "job_id": job,
        "take": take,
        "webhook_id": hook,
        "delivery_id": sent,
        "task_id": music,
        "upload_id": upload,
        "cue": "1m1",
        "name": "film.scored.mp4",
    }
    nobodys = {name: new_id(value.partition("_")[0]) if "_" in value else value for name, value in mine.items()}
    asked = 0
    every = routes(api)
    assert len(every) > 35
    for verb, path in every:
        if path in OPEN:
            assert httpx.request(verb, api.address + path).status_code == 200
            continue
        assert path.startswith("/v1/"), f"{path} is neither under /v1 nor known to be open"
        ids = {**mine, "name": "some" if path in OF_EVERYBODY else mine["name"]}
        with httpx.Client(base_url=api.address) as stranger:
            for headers in (
                {},
                {"Authorization": "Bearer csk_" + "A" * 43},
                {"Authorization": f"Basic {api.key('a')}"},
                {"Authorization": "Bearer"},
            ):
                stranger.headers = httpx.Headers(headers)
                answer = ask(stranger, verb, path, ids)
                assert answer.status_code == 401, (verb, path, answer.text)
                assert answer.headers["www-authenticate"].startswith("Bearer")
        if "{" not in path or path in OF_EVERYBODY:
            continue
        with api.client("b") as b:
            theirs, nothing = ask(b, verb, path, ids), ask(b, verb, path, nobodys)
        assert theirs.status_code == nothing.status_code == 404, (verb, path, theirs.text, nothing.text)
        assert _plain(theirs, mine) == _plain(nothing, nobodys), (verb, path)
        assert set(theirs.headers) == set(nothing.headers)
        asked += 1
    assert asked > 25
    with api.client("a") as a:  # and nothing of it was changed by the other tenant's deletes and cancels
        assert a.get(f"/v1/jobs/{job}").status_code == 200
        assert a.get(f"/v1/uploads/{upload}").status_code == 200
        assert a.get(f"/v1/webhooks/{hook}").status_code == 200


def _plain(answer: httpx.Response, ids: dict[str, str]) -> Any:
    if not answer.content:
        return None
    body = answer.json()
    del body["instance"]
    text = json.dumps(body)
    for name, value in ids.items():
        text = text.replace(value, name)
    return text


def test_a_key_in_the_address_is_no_key(api: ApiRig) -> None:
    key = api.key("a")
    for query in (f"?key={key}", f"?api_key={key}", f"?authorization=Bearer%20{key}"):
        assert httpx.get(f"{api.address}/v1/jobs{query}").status_code == 401


def test_a_revoked_key_is_refused_within_a_second_or_so(api: ApiRig) -> None:
    with api.client("leaver") as client:
        assert client.get("/v1/jobs").status_code == 200
        revoke_key(api.database, list_keys(api.database, "leaver")[0].id)
        until(lambda: client.get("/v1/jobs").status_code == 401, 5.0)
        assert gate.TRUSTED_S <= 1.0


def test_a_key_that_asks_too_often_is_told_when_to_come_back_and_others_are_not_held_up(api: ApiRig) -> None:
    api.key("eager", {"requests_per_minute": 60})
    with api.client("eager") as client, api.client("a") as other:
        answers = [client.get("/v1/jobs") for _ in range(15)]
        assert [answer.status_code for answer in answers][:10] == [200] * 10
        late = answers[-1]
        assert late.status_code == 429
        assert late.json()["code"] == "quota_reached"
        assert int(late.headers["retry-after"]) == 1
        assert other.get("/v1/jobs").status_code == 200


def test_a_document_that_is_too_long_is_refused_before_it_is_read_and_while_it_is_read(api: ApiRig) -> None:
    host, port = api.address.removeprefix("http://").split(":")
    head = f"POST /v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.key('a')}\r\n"
    head += "Content-Type: application/json\r\n"
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(f"{head}Content-Length: {10**13}\r\n\r\n".encode())  # ten terabytes, of which none is sent
        assert line.recv(4096).startswith(b"HTTP/1.1 413")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        sent = 0
        while not select.select([line], [], [], 0)[0] and sent < 100 * 2**20:
            line.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")
            sent += 65536
        assert line.recv(4096).startswith(b"HTTP/1.1 413")
        assert 8 * 2**20 < sent < 40 * 2**20  # what lies between two sockets beside what is allowed


def test_a_body_that_comes_too_slowly_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "BODY_S", 0.3)
    with served(tmp_path) as api:
        host, port = api.address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as line:
            line.sendall(
                f"POST /v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.key()}\r\n"
                "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{".encode()
            )
            assert line.recv(4096).startswith(b"HTTP/1.1 408")


def test_quotas_of_jobs_and_bytes_are_told_with_429(api: ApiRig) -> None:
    api.key("small", {"waiting_jobs": 1, "stored_bytes": 50_000})
    with api.client("small") as client:
        film = api.upload(client)
        assert client.post("/v1/jobs", json={"source": {"upload": film}}).status_code == 202
        answer = client.post("/v1/jobs", json={"source": {"upload": film}})
        assert answer.status_code == 429
        assert answer.json()["code"] == "quota_reached"
        assert "retry-after" in answer.headers
        full = client.post("/v1/uploads", headers={"Tus-Resumable": "1.0.0", "Upload-Length": "49000"})
        assert full.status_code == 429
        assert "Delete" in full.json()["advice"]


def test_the_defaults_let_a_busy_client_work() -> None:
    assert Quota().requests_per_minute / 60 >= 100
    assert ServiceSettings.from_env({"CUESMITH_QUOTA_REQUESTS": "30"}).quota.requests_per_minute == 30
