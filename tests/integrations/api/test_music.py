"""Music from words: the owner's shape of an API."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import httpx
import pytest
from api_made import work_off
from api_rig import ApiRig, until

from integrations.api import music

ASKED = {"prompt": "slow piano", "lyrics": "[verse]\nla la", "duration": 12, "output_format": "flac"}


def test_what_is_made_in_time_is_the_answer(api: ApiRig, a: httpx.Client) -> None:
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(a.post, "/v1/audio/music/generate", json=ASKED)
        until(lambda: work_off(api))
        answer = asked.result(30)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["status"] == "completed"
    assert told["duration_sec"] == 12.0
    assert told["notes"] == ["engine: composer, by hand"]
    assert datetime.fromisoformat(told["created_at"]).tzinfo is not None
    assert told["audio_url"] == f"{api.address}/v1/jobs/{told['task_id']}/files/music.flac"
    assert a.get(told["audio_url"]).content == b"sound"
    assert httpx.get(told["audio_url"]).status_code == 401
    assert a.get(f"/v1/audio/music/{told['task_id']}").json() == told


def test_what_takes_longer_is_polled(api: ApiRig, a: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(music, "WAIT_S", 0.2)
    answer = a.post("/v1/audio/music/generate", json=ASKED, headers={"Idempotency-Key": "tune"})
    assert answer.status_code == 202
    told = answer.json()
    assert told["status"] == "processing"
    assert told["audio_url"] is None
    where = answer.headers["location"]
    assert where == f"/v1/audio/music/{told['task_id']}"
    assert a.get(where).headers["retry-after"] == "2"
    again = a.post("/v1/audio/music/generate", json=ASKED, headers={"Idempotency-Key": "tune"})
    assert again.json()["task_id"] == told["task_id"]
    work_off(api)
    assert a.get(where).json()["status"] == "completed"


def test_what_fails_says_why(api: ApiRig, a: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(music, "WAIT_S", 0.1)
    task = a.post("/v1/audio/music/generate", json=ASKED).json()["task_id"]
    a.post(f"/v1/jobs/{task}/cancel")
    told = a.get(f"/v1/audio/music/{task}").json()
    assert told["status"] == "failed"
    assert told["error"]["code"] == "canceled"


def test_many_that_wait_hold_no_thread(api: ApiRig, a: httpx.Client) -> None:
    before = threading.active_count()
    with ThreadPoolExecutor(60) as pool:
        asked = [pool.submit(a.post, "/v1/audio/music/generate", json={**ASKED, "seed": n}) for n in range(60)]
        until(lambda: len(api.app.state.desk.lookout._watched) == 60)
        assert a.get("/healthz").status_code == 200
        assert threading.active_count() - before < 60 + 50
        work_off(api)
        assert {answer.result(40).json()["status"] for answer in asked} == {"completed"}


@pytest.mark.parametrize(
    "change",
    [
        {"duration": 9.9},
        {"duration": 240.1},
        {"duration": "long"},
        {"duration": None},
        {"output_format": "midi"},
        {"prompt": "x" * 5000},
        {"lyrics": "x" * 30_000},
        {"prompt": "\x00"},
        {"engine": "orchestra"},
        {"seed": -1},
        {"model": "x"},
        {"prompt": "", "lyrics": " "},
    ],
)
def test_what_cannot_be_made_is_refused_at_once(a: httpx.Client, change: dict[str, object]) -> None:
    answer = a.post("/v1/audio/music/generate", json={**ASKED, **change})
    assert answer.status_code in (400, 422), answer.text


def test_a_film_is_no_piece_of_music(api: ApiRig, a: httpx.Client) -> None:
    job = api.job(a)
    assert a.get(f"/v1/audio/music/{job}").status_code == 404


def test_an_address_is_only_built_on_a_host_that_reads(api: ApiRig, a: httpx.Client) -> None:
    task = a.post("/v1/jobs", json={"kind": "music", "music": {"duration_s": 10, "prompt": "x"}}).json()["id"]
    work_off(api)
    for host in ('evil"><script>', "a b", "[::", "x" * 500):
        told = a.get(f"/v1/audio/music/{task}", headers={"Host": host}).json()
        assert told["audio_url"] == f"/v1/jobs/{task}/files/music.mp3"
    assert (
        a.get(f"/v1/audio/music/{task}", headers={"Host": "[::1]:80"})
        .json()["audio_url"]
        .startswith("http://[::1]:80/")
    )
