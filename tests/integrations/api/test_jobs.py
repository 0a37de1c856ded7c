"""Jobs: made once, looked at, waited for, listed, cancelled, deleted."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from api_made import scored, work_off
from api_rig import FILM, ApiRig, served, until
from sqlalchemy import func, select

from integrations.jobs import reading
from integrations.jobs.reaping import reap
from integrations.jobs.tables import jobs


def test_a_job_is_on_the_disk_when_its_address_is_answered(api: ApiRig, a: httpx.Client) -> None:
    upload = api.upload(a, name="Mein Film.mp4")
    answer = a.post("/v1/jobs", json={"source": {"upload": upload}, "wish": {"style": "cinematic"}})
    assert answer.status_code == 202
    taken = answer.json()
    assert answer.headers["location"] == taken["url"] == f"/v1/jobs/{taken['id']}"
    assert taken["was_there"] is False
    shown = a.get(taken["url"]).json()
    assert shown["state"] == "queued"
    assert shown["source"]["name"] == "Mein Film.mp4"
    assert shown["order"]["wish"] == {"style": "cinematic"}
    assert "key" not in shown["source"]
    assert "uploads/" not in str(shown)
    until(lambda: "media" in api.rung)


def test_a_hundred_requests_with_one_key_make_one_job(api: ApiRig, a: httpx.Client) -> None:
    body = {"source": {"upload": api.upload(a)}}
    headers = {"Idempotency-Key": "order-66"}

    def post(_: int) -> tuple[int, str]:
        answer = a.post("/v1/jobs", json=body, headers=headers)
        return answer.status_code, answer.json()["id"]

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(post, range(100)))
    assert sorted(status for status, _ in answers) == [200] * 99 + [202]
    assert len({job for _, job in answers}) == 1
    other = a.post("/v1/jobs", json={**body, "wish": {"seed": 5}}, headers=headers)
    assert other.status_code == 409
    with api.database.reading() as connection:
        made = select(func.count()).select_from(jobs).where(jobs.c.upload_id == body["source"]["upload"])
        assert connection.execute(made).scalar_one() == 1


@pytest.mark.parametrize("key", ["", "a b", "x" * 201, "é", "a\tb"])
def test_an_idempotency_key_that_is_none_is_refused(a: httpx.Client, key: str) -> None:
    music = {"kind": "music", "music": {"duration_s": 10, "prompt": "x"}}
    assert a.post("/v1/jobs", json=music, headers={"Idempotency-Key": key.encode("latin-1")}).status_code == 400


def test_one_tenants_key_is_not_anothers(api: ApiRig, a: httpx.Client, b: httpx.Client) -> None:
    music = {"kind": "music", "music": {"duration_s": 10, "prompt": "x"}}
    first = a.post("/v1/jobs", json=music, headers={"Idempotency-Key": "k"})
    second = b.post("/v1/jobs", json=music, headers={"Idempotency-Key": "k"})
    assert first.status_code == second.status_code == 202
    assert first.json()["id"] != second.json()["id"]


@pytest.mark.parametrize(
    ("body", "status", "what"),
    [
        ({}, 400, "film"),
        ({"source": {}}, 400, "no film"),
        ({"source": {"upload": "x", "path": "/y"}}, 400, "several"),
        ({"source": {"upload": "up_" + "0" * 32}}, 404, "no upload"),
        ({"source": {"url": "https://example.com/a.mp4"}}, 400, "URLs"),
        ({"source": {"path": "/etc/passwd"}}, 400, "paths"),
        ({"source": {"bucket": "x"}}, 422, "bucket"),
        ({"kind": "dance"}, 422, "dance"),
        ({"kind": "music", "music": {"duration_s": 5}}, 400, "10"),
        ({"kind": "music", "music": {"duration_s": 10}, "deadline_s": -1}, 422, "deadline_s"),
        ({"wish": {"style": "nope"}}, 422, "nope"),
        ({"wish": {"unheard": 1}}, 400, "unheard"),
        ({"surprise": 1}, 422, "surprise"),
        ({"schema": "cuesmith.order/9"}, 400, "cuesmith.order/1"),
        ([], 422, "body"),
        ("text", 422, "body"),
        (None, 422, "body"),
    ],
)
def test_a_job_that_cannot_be_is_refused_with_what_is_wrong(
    a: httpx.Client, body: object, status: int, what: str
) -> None:
    answer = a.post("/v1/jobs", json=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert what in answer.text
    assert problem["status"] == status
    assert problem["type"] == f"urn:cuesmith:problem:{problem['code']}"
    assert problem["instance"] == f"urn:cuesmith:request:{answer.headers['x-request-id']}"
    assert {"title", "detail", "advice", "retry"} <= set(problem)


def test_a_reader_that_has_the_newest_is_told_so(api: ApiRig, a: httpx.Client) -> None:
    job = api.job(a)
    first = a.get(f"/v1/jobs/{job}")
    assert a.get(f"/v1/jobs/{job}", headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    work_off(api)
    later = a.get(f"/v1/jobs/{job}", headers={"If-None-Match": first.headers["etag"]})
    assert later.status_code == 200
    assert later.headers["etag"] != first.headers["etag"]
    assert later.json()["files"][0]["sha256"]


def test_a_long_poll_answers_when_something_happens(api: ApiRig, a: httpx.Client) -> None:
    work_off(api)
    job = api.job(a)
    etag = a.get(f"/v1/jobs/{job}").headers["etag"]
    with ThreadPoolExecutor(2) as pool:
        changed = pool.submit(a.get, f"/v1/jobs/{job}?wait_s=30", headers={"If-None-Match": etag})
        ended = pool.submit(a.get, f"/v1/jobs/{job}?wait_s=30")
        lease = api.claim()
        api.finish(lease)  # of analysing
        assert changed.result(25).json()["version"] > 1
        assert not ended.done()
        work_off(api)
        assert ended.result(25).json()["state"] == "succeeded"
    begun = time.monotonic()
    assert a.get(f"/v1/jobs/{job}?wait_s=30").status_code == 200  # has ended: at once
    assert time.monotonic() - begun < 20
    waiting = api.job(a)
    assert a.get(f"/v1/jobs/{waiting}?wait_s=0.2").json()["state"] == "queued"
    assert a.get(f"/v1/jobs/{waiting}?wait_s=31").status_code == 422


def test_the_list_is_turned_page_by_page_and_by_state(api: ApiRig) -> None:
    with api.client("lister") as client:
        upload = api.upload(client)
        made = [api.job(client, source={"upload": upload}) for _ in range(7)]
        client.post(f"/v1/jobs/{made[2]}/cancel")
        seen: list[str] = []
        cursor = None
        while True:
            query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
            page = client.get("/v1/jobs", params=query).json()
            seen += [job["id"] for job in page["jobs"]]
            if len(seen) == 3:
                api.job(client, source={"upload": upload})  # one that comes meanwhile moves nothing
            if (cursor := page["next"]) is None:
                break
        assert seen == made[::-1]
        only = client.get("/v1/jobs", params={"state": "canceled"}).json()
        assert [job["id"] for job in only["jobs"]] == [made[2]]
        assert client.get("/v1/jobs", params={"state": "lost"}).status_code == 422
        for bad in ("x", "AAAA", "bmFuIGpvYg==", "%ff", "é"):
            assert client.get("/v1/jobs", params={"cursor": bad}).status_code == 400


def test_a_cancelled_job_says_so_and_a_second_time_too(api: ApiRig, a: httpx.Client) -> None:
    job = api.job(a)
    assert a.post(f"/v1/jobs/{job}/cancel").json() == {"id": job, "canceled": True}
    assert a.get(f"/v1/jobs/{job}").json()["state"] == "canceled"
    assert a.post(f"/v1/jobs/{job}/cancel").json() == {"id": job, "canceled": False}


def test_a_deleted_job_is_gone_everywhere(api: ApiRig, a: httpx.Client) -> None:
    job = api.job(a)
    assert a.delete(f"/v1/jobs/{job}").status_code == 409
    work_off(api)
    assert a.delete(f"/v1/jobs/{job}").status_code == 204
    for path in ("", "/units", "/events", "/cue-sheet", "/takes", "/ratings", "/files/film.scored.mp4"):
        answer = a.get(f"/v1/jobs/{job}{path}")
        assert answer.status_code == 410, path
        assert answer.json()["code"] == "gone"
    assert a.delete(f"/v1/jobs/{job}").status_code == 410
    assert a.post(f"/v1/jobs/{job}/cancel").status_code == 410
    assert job not in a.get("/v1/jobs").text


def test_a_job_that_is_not_begun_in_time_is_aborted(api: ApiRig, a: httpx.Client) -> None:
    job = api.job(a, deadline_s=0.01)
    until(lambda: reap(api.database, api.settings) and a.get(f"/v1/jobs/{job}").json()["state"] == "aborted")


def test_the_units_of_a_job_are_shown(api: ApiRig, a: httpx.Client) -> None:
    job = scored(api, a)
    shown = a.get(f"/v1/jobs/{job}/units").json()["units"]
    assert [unit["kind"] for unit in shown] == ["analyse", "spot", "compose", "compose", "finish"]
    assert {unit["state"] for unit in shown} == {"done"}
    assert "results/" not in str(shown)


def test_paths_are_taken_under_the_roots_and_nowhere_else(tmp_path: Path) -> None:
    root, outside = tmp_path / "films", tmp_path / "private"
    root.mkdir()
    outside.mkdir()
    (root / "a.mp4").write_bytes(FILM)
    (root / "text.mp4").write_text("#EXTM3U\n")
    (outside / "b.mp4").write_bytes(FILM)
    (root / "out.mp4").symlink_to(outside / "b.mp4")
    (root / "in.mp4").symlink_to(root / "a.mp4")
    with served(tmp_path / "s", roots=(root.resolve(),)) as api, api.client() as a:

        def post(path: str) -> httpx.Response:
            return a.post("/v1/jobs", json={"source": {"path": path}}, headers={"Idempotency-Key": f"k{len(path)}"})

        good = post(f"{root}/a.mp4")
        assert good.status_code == 202, good.text
        assert post(f"{root}/a.mp4").json()["id"] == good.json()["id"]
        assert post(f"{root}/in.mp4").status_code == 202
        assert a.get(good.json()["url"]).json()["source"]["name"] == "a.mp4"
        secret = (
            f"{outside}/b.mp4",
            f"{outside}/none.mp4",
            f"{root}/../private/b.mp4",
            f"{root}/out.mp4",
            "a.mp4",
            "/",
            "",
        )
        for path in (*secret, f"{root}/a.mp4\0", "~/x"):
            assert post(path).status_code == 400, path
            assert "none of the folders" in post(path).text
        assert post(f"{root}/none.mp4").status_code == 404
        assert post(f"{root}/text.mp4").status_code == 415
        assert post(f"{root}").status_code in (400, 415)
        assert (root / "a.mp4").read_bytes() == FILM


def test_addresses_are_taken_where_they_are_allowed_and_lead_nowhere_inside(tmp_path: Path) -> None:
    with served(tmp_path, url_sources=True, url_hosts=("127.0.0.1:9",)) as api, api.client() as a:
        good = a.post("/v1/jobs", json={"source": {"url": "http://127.0.0.1:9/films/a.mp4?signature=secret"}})
        assert good.status_code == 202
        shown = a.get(good.json()["url"])
        assert shown.json()["source"]["url"] == "http://127.0.0.1:9/films/a.mp4"
        assert shown.json()["source"]["name"] == "a.mp4"
        assert "secret" not in shown.text
        until(lambda: api.rung == ["fetch"])
        for url in ("http://127.0.0.1:8/a", "https://169.254.169.254/x", "https://localhost/x", "file:///etc/passwd"):
            answer = a.post("/v1/jobs", json={"source": {"url": url}})
            assert answer.status_code == 422, answer.text
            assert answer.json()["code"] == "address_refused"


def test_looking_at_a_job_stays_quick_while_others_wait_for_news(api: ApiRig, a: httpx.Client) -> None:
    job = api.job(a)
    is_over = threading.Event()

    def wait() -> None:
        with api.client("a") as client:
            while not is_over.is_set():
                client.get(f"/v1/jobs/{job}?wait_s=1")

    threads = [threading.Thread(target=wait) for _ in range(60)]  # more than there are threads in the server's pool
    for thread in threads:
        thread.start()
    try:
        for _ in range(20):
            assert a.get(f"/v1/jobs/{job}", timeout=10).status_code == 200
        assert a.get("/healthz", timeout=10).status_code == 200
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    a.post(f"/v1/jobs/{job}/cancel")


def test_the_database_that_does_not_answer_is_said_and_nothing_else_breaks(
    api: ApiRig, a: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from integrations.api import jobs as handlers
    from scoring.errors import CapacityError

    def silent(*_: object) -> None:
        raise CapacityError("the database does not answer: it is busy", "Try again")

    monkeypatch.setattr(handlers, "read_job", silent)
    answer = a.get("/v1/jobs/job_" + "0" * 32)
    assert answer.status_code == 429
    assert answer.headers["retry-after"]
    assert reading.read_job is not silent
