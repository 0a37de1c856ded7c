"""Cue sheets edited, films scored again, cues composed anew, takes chosen."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from api_made import CUES, SHEET, scored, sheet_text, work_off
from api_rig import ApiRig, until

from scoring import cue_sheet_json


def sheet(client: httpx.Client, job: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/v1/jobs/{job}/cue-sheet").json()
    return found


def composed(api: ApiRig, before: set[str]) -> list[str]:
    return [unit for unit in work_off(api) if unit.startswith("compose") and unit not in before]


def test_a_sheet_is_read_edited_and_scored_again_and_only_what_changed_is_composed(
    api: ApiRig, a: httpx.Client
) -> None:
    job = scored(
        api, a, wish={"style": "cinematic", "prompt": "warm", "loudness": "web"}, texts={"prompts": "0:05 calm"}
    )
    first = a.get(f"/v1/jobs/{job}/cue-sheet")
    assert first.headers["x-cuesmith-draft"] == "false"
    assert first.text == sheet_text()
    edited = first.json()
    edited["cues"][1]["seed"] = 99
    kept = a.put(f"/v1/jobs/{job}/cue-sheet", json=edited, headers={"If-Match": first.headers["etag"]})
    assert kept.status_code == 200, kept.text
    assert a.get(f"/v1/jobs/{job}").json()["has_draft"] is True
    again = a.get(f"/v1/jobs/{job}/cue-sheet")
    assert again.headers["x-cuesmith-draft"] == "true"
    assert again.headers["etag"] == kept.headers["etag"] != first.headers["etag"]
    assert a.get(f"/v1/jobs/{job}/cue-sheet", headers={"If-None-Match": again.headers["etag"]}).status_code == 304

    revision = a.post(f"/v1/jobs/{job}/rescore")
    assert revision.status_code == 202
    child = revision.json()["id"]
    shown = a.get(f"/v1/jobs/{child}").json()
    assert shown["parent"] == job
    assert shown["order"]["wish"] == {"loudness": "web"}  # what was asked when it was spotted stands in the sheet
    assert list(shown["order"]["texts"]) == ["sheet"]
    assert composed(api, set()) == ["compose 1m2"]  # 1m1 is as it was
    assert a.get(f"/v1/jobs/{child}").json()["state"] == "succeeded"
    assert sheet(a, child)["cues"][1]["seed"] == 99


def test_of_two_editors_the_second_is_told(api: ApiRig, a: httpx.Client) -> None:
    job = scored(api, a)
    first = a.get(f"/v1/jobs/{job}/cue-sheet")
    etag = {"If-Match": first.headers["etag"]}
    mine, theirs = first.json(), first.json()
    mine["cues"][0]["seed"], theirs["cues"][0]["seed"] = 1, 2
    assert a.put(f"/v1/jobs/{job}/cue-sheet", json=mine, headers=etag).status_code == 200
    late = a.put(f"/v1/jobs/{job}/cue-sheet", json=theirs, headers=etag)
    assert late.status_code == 412
    assert late.json()["code"] == "sheet_changed"
    assert sheet(a, job)["cues"][0]["seed"] == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"schema": "cuesmith.cues/9"}',
        json.dumps({**SHEET, "cues": []}).replace("60.0", "-1").encode(),
        json.dumps({**SHEET, "duration_s": 1e400}).encode(),
        json.dumps(SHEET).replace("96.0", "9" * 5000).encode(),
        json.dumps(SHEET).replace("C major", "H flat").encode(),
        json.dumps(SHEET).replace("1m1", "\\ud800").encode(),
    ],
)
def test_a_sheet_that_cannot_be_is_refused_and_changes_nothing(api: ApiRig, a: httpx.Client, body: bytes) -> None:
    job = scored(api, a)
    answer = a.put(f"/v1/jobs/{job}/cue-sheet", content=body, headers={"Content-Type": "application/json"})
    if answer.status_code == 200:  # half a character in a name survives as an escape
        assert b"d800" in body
        return
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert a.get(f"/v1/jobs/{job}").json()["has_draft"] is False


def test_a_job_without_a_sheet_says_why(api: ApiRig, a: httpx.Client) -> None:
    waiting = api.job(a)
    assert a.get(f"/v1/jobs/{waiting}/cue-sheet").status_code == 409
    assert a.post(f"/v1/jobs/{waiting}/rescore").status_code == 409
    music = api.job(a, kind="music", music={"duration_s": 10, "prompt": "x"})
    assert a.post(f"/v1/jobs/{music}/rescore").status_code == 409
    assert a.get(f"/v1/jobs/{waiting}/takes").json() == {"takes": []}
    work_off(api)


def test_a_film_that_is_no_longer_kept_cannot_be_scored_again(api: ApiRig, a: httpx.Client) -> None:
    upload = api.upload(a)
    job = scored(api, a, source={"upload": upload})
    assert a.delete(f"/v1/uploads/{upload}").status_code == 204
    answer = a.post(f"/v1/jobs/{job}/rescore")
    assert answer.status_code == 410
    assert "film" in answer.json()["detail"]


def test_one_cue_is_composed_anew_and_the_other_is_left_alone(api: ApiRig, a: httpx.Client) -> None:
    job = scored(api, a)
    wanted = {"prompt": "solo cello", "bpm": 72, "instruments": ["cello"], "key": "D minor", "seed": 5}
    answer = a.post(f"/v1/jobs/{job}/cues/1m2/recompose", json=wanted)
    assert answer.status_code == 202, answer.text
    child = a.get(answer.json()["url"]).json()
    cues = cue_sheet_json.loads(child["order"]["texts"]["sheet"]).cues
    assert cues[1].wishes.prompt == "solo cello"
    assert cues[1].wishes.bpm == 72
    assert cues[1].seed == 5
    assert cues[0] == cue_sheet_json.loads(sheet_text()).cues[0]
    assert a.get(f"/v1/jobs/{job}").json()["has_draft"] is False
    assert composed(api, set()) == ["compose 1m2"]


def test_composed_anew_without_a_word_it_has_another_seed_and_a_repeated_request_the_same(
    api: ApiRig, a: httpx.Client
) -> None:
    job = scored(api, a)

    def seed(key: str | None) -> int:
        headers = {} if key is None else {"Idempotency-Key": key}
        answer = a.post(f"/v1/jobs/{job}/cues/1m1/recompose", headers=headers)
        assert answer.status_code in (200, 202), answer.text
        text = a.get(answer.json()["url"]).json()["order"]["texts"]["sheet"]
        return cue_sheet_json.loads(text).cues[0].seed

    first, second = seed(None), seed(None)
    assert len({first, second, 11}) == 3
    assert seed("again") == seed("again")
    work_off(api)


@pytest.mark.parametrize(
    "wanted",
    [
        {"seed": -1},
        {"seed": 2**80},
        {"seed": True},
        {"seed": 1.5},
        {"bpm": 10_000},
        {"bpm": "fast"},
        {"key": "H"},
        {"mood": "hangry"},
        {"instruments": ["kazoophone"]},
        {"instruments": "piano"},
        {"prompt": 5},
        {"volume": 11},
        [],
    ],
)
def test_wishes_that_cannot_be_are_refused(api: ApiRig, a: httpx.Client, wanted: object) -> None:
    job = scored(api, a)
    answer = a.post(f"/v1/jobs/{job}/cues/1m1/recompose", json=wanted)
    assert answer.status_code in (400, 422), answer.text
    assert "Traceback" not in answer.text


def test_a_cue_that_is_not_there_is_named(api: ApiRig, a: httpx.Client) -> None:
    job = scored(api, a)
    answer = a.post(f"/v1/jobs/{job}/cues/9m9/recompose")
    assert answer.status_code == 404
    assert "1m1, 1m2" in answer.json()["advice"]


def test_every_take_of_a_family_is_listed_can_be_heard_and_chosen_again(api: ApiRig, a: httpx.Client) -> None:
    job = scored(api, a)
    child = a.post(f"/v1/jobs/{job}/cues/1m2/recompose", json={"seed": 77}).json()["id"]
    until(lambda: work_off(api) is not None and a.get(f"/v1/jobs/{child}").json()["state"] == "succeeded")

    for asked in (job, child):
        takes = a.get(f"/v1/jobs/{asked}/takes").json()["takes"]
        assert sorted({(take["cue"], take["seed"]) for take in takes}) == [("1m1", 11), ("1m2", 12), ("1m2", 77)]
        chosen = {(take["cue"], take["seed"]) for take in takes if take["chosen"]}
        assert chosen == {("1m1", 11), ("1m2", 12 if asked == job else 77)}

    takes = a.get(f"/v1/jobs/{child}/takes").json()["takes"]
    (first,) = {take["take"] for take in takes if take["seed"] == 12}
    (shown,) = [take for take in takes if take["take"] == first]
    assert shown["engine"] == "composer"
    (strings,) = [file for file in shown["files"] if file["name"] == "strings.flac"]
    heard = a.get(strings["url"], headers={"Range": "bytes=0-2"})
    assert heard.status_code == 206
    assert heard.content == b"1m2"
    assert 'filename="1m2-strings.flac"' in heard.headers["content-disposition"]
    assert a.get(strings["url"].replace("strings", "brass")).status_code == 404

    kept = a.put(f"/v1/jobs/{child}/cues/1m2/take", json={"take": first})
    assert kept.status_code == 200, kept.text
    assert kept.json()["seed"] == 12
    assert a.get(f"/v1/jobs/{child}/cue-sheet").headers["etag"] == kept.json()["etag"]
    last = a.post(f"/v1/jobs/{child}/rescore").json()["id"]
    assert composed(api, set()) == []  # both cues were composed before
    assert a.get(f"/v1/jobs/{last}").json()["state"] == "succeeded"
    assert a.put(f"/v1/jobs/{child}/cues/1m1/take", json={"take": first}).status_code == 400
    assert a.put(f"/v1/jobs/{child}/cues/1m1/take", json={"take": "unit_" + "0" * 32}).status_code == 404
    assert CUES == ("1m1", "1m2")
