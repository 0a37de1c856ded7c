"""A job followed as it happens."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pytest
from api_made import scored, work_off
from api_rig import ApiRig, until

from integrations.api import events as told_events
from integrations.api import lookout
from integrations.jobs.leasing import tell_progress


def follow(client: httpx.Client, job: str, last: int | None = None) -> list[dict[str, Any]]:
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    with client.stream("GET", f"/v1/jobs/{job}/events", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        return list(parsed(answer.iter_lines()))


def parsed(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    event: dict[str, Any] = {}
    for line in lines:
        if line.startswith(":"):
            yield {"comment": line}
        elif not line:
            if "event" in event:
                yield event
            event = {}
        else:
            name, _, value = line.partition(": ")
            event[name] = json.loads(value) if name == "data" else value


def test_a_job_that_has_ended_tells_all_of_it_and_ends(api: ApiRig, a: httpx.Client) -> None:
    job = scored(api, a)
    told = follow(a, job)
    kinds = [event["event"] for event in told]
    assert kinds[0] == "job.queued"
    assert "job.succeeded" in kinds
    ids = [int(event["id"]) for event in told if "id" in event]
    assert ids == sorted(set(ids))
    assert all(event["data"]["job_id"] == job for event in told)
    later = follow(a, job, last=ids[1])
    assert [int(event["id"]) for event in later if "id" in event] == ids[2:]
    assert [e for e in follow(a, job, last=10**17) if "id" in e] == []


def test_what_happens_while_somebody_reads_is_told_in_order_up_to_the_end(api: ApiRig, a: httpx.Client) -> None:
    work_off(api)
    job = api.job(a)
    told: list[dict[str, Any]] = []
    reader = threading.Thread(target=lambda: told.extend(follow(a, job)))
    reader.start()
    lease = api.claim()
    held = (lease.unit_id, lease.token)
    for share in (0.2, 0.6):
        tell_progress(api.database, held, state="analysing", share=share, notes=[])
        seen = len(told)
        del seen
        time.sleep(0.7)  # longer than between two looks, so that both are seen
    api.finish(lease)
    work_off(api)
    reader.join(25)
    assert not reader.is_alive()
    kinds = [event["event"] for event in told]
    assert kinds[-1] in ("job.succeeded", "job.progress")
    assert "job.started" in kinds
    shares = [event["data"]["progress"] for event in told if event["event"] == "job.progress"]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) >= 3
    states = [event["data"]["state"] for event in told if event["event"] == "job.state"]
    assert states[0] == "analysing"


def test_a_silent_job_is_told_to_be_alive(api: ApiRig, a: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told_events, "HEARTBEAT_S", 0.1)
    work_off(api)
    job = api.job(a)
    with a.stream("GET", f"/v1/jobs/{job}/events") as answer:
        lines = parsed(answer.iter_lines())
        assert next(lines)["event"] == "job.queued"
        assert {"comment": ": still here"} in (next(lines), next(lines), next(lines))
    a.post(f"/v1/jobs/{job}/cancel")


def test_two_hundred_readers_hold_neither_threads_nor_connections(api: ApiRig, a: httpx.Client) -> None:
    work_off(api)
    job = api.job(a)
    me = psutil.Process()
    with httpx.Client(
        base_url=api.address, headers=a.headers, timeout=30, limits=httpx.Limits(max_connections=300)
    ) as many:
        before = me.num_threads()
        answers = [many.send(many.build_request("GET", f"/v1/jobs/{job}/events"), stream=True) for _ in range(200)]
        readers = [parsed(answer.iter_lines()) for answer in answers]
        assert {next(reader)["event"] for reader in readers} == {"job.queued"}
        assert me.num_threads() - before < 45  # the pool of all handlers
        assert api.database.engine.pool.checkedout() < 5  # type: ignore[attr-defined]
        assert a.get(f"/v1/jobs/{job}").status_code == 200
        a.post(f"/v1/jobs/{job}/cancel")
        for reader in readers:
            assert "job.canceled" in [event.get("event") for event in reader]
        for answer in answers:
            answer.close()
    until(lambda: not api.app.state.desk.lookout._watched)


def test_a_reader_that_goes_away_is_forgotten(api: ApiRig, a: httpx.Client) -> None:
    job = api.job(a)
    with a.stream("GET", f"/v1/jobs/{job}/events") as answer:
        lines = answer.iter_lines()  # held: without its reader a stream is closed
        next(lines)
        assert job in api.app.state.desk.lookout._watched
    until(lambda: job not in api.app.state.desk.lookout._watched)
    a.post(f"/v1/jobs/{job}/cancel")


def test_one_reader_too_many_is_told_so(api: ApiRig, a: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookout, "MOST_READERS", 1)
    job = api.job(a)
    with a.stream("GET", f"/v1/jobs/{job}/events") as answer:
        lines = answer.iter_lines()
        next(lines)
        late = a.get(f"/v1/jobs/{job}/events")
        assert late.status_code == 429
        assert late.json()["code"] == "quota_reached"
    a.post(f"/v1/jobs/{job}/cancel")


@pytest.mark.parametrize("last", ["x", "-1", "1e3", "9" * 40, ""])
def test_a_last_event_that_is_none_of_ours_is_none(api: ApiRig, a: httpx.Client, last: str) -> None:
    job = api.job(a)
    a.post(f"/v1/jobs/{job}/cancel")
    with a.stream("GET", f"/v1/jobs/{job}/events", headers={"Last-Event-ID": last}) as answer:
        events = parsed(answer.iter_lines())
        assert next(events)["event"] == "job.queued"
