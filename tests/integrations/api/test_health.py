"""Whether the service is well, and what it counts."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx
import pytest
from api_made import scored
from api_rig import ApiRig, served, until

from integrations.jobs.reaping import say_alive


def test_it_is_alive_and_says_what_is_missing(api: ApiRig, a: httpx.Client) -> None:
    assert httpx.get(f"{api.address}/healthz").json() == {"status": "alive"}
    ready = httpx.get(f"{api.address}/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"status": "degraded", "reasons": ["no worker is alive"]}
    say_alive(api.database, "worker_1", ["media"], {})
    assert httpx.get(f"{api.address}/readyz").json() == {"status": "ready", "reasons": []}


def test_a_broker_that_is_away_degrades_and_stops_nobody(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        broker = f"redis://:secret@127.0.0.1:{nobody.getsockname()[1]}/0"
        with served(tmp_path, broker_url=broker) as api, api.client() as a:
            ready = a.get("/readyz")
            assert ready.status_code == 200
            assert ready.json()["status"] == "degraded"
            assert "the broker does not answer" in ready.json()["reasons"][0]
            assert "secret" not in ready.text
            assert a.get("/healthz").status_code == 200
            api.job(a)


def test_a_database_that_is_away_is_unready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(tmp_path) as api:
        from integrations.jobs.database import Database
        from scoring.errors import CapacityError

        def silent(self: Database) -> object:
            raise CapacityError("the database does not answer: gone", "Try again")

        monkeypatch.setattr(Database, "reading", silent)
        ready = httpx.get(f"{api.address}/readyz")
        assert ready.status_code == 503
        assert ready.json()["status"] == "unready"
        assert httpx.get(f"{api.address}/healthz").status_code == 200
        assert "cuesmith_database_up 0.0" in httpx.get(f"{api.address}/metrics").text
        monkeypatch.undo()
        until(lambda: "cuesmith_database_up 1.0" in httpx.get(f"{api.address}/metrics").text)


def test_a_bell_that_breaks_or_hangs_costs_no_job(tmp_path: Path) -> None:
    import threading

    from integrations.api.desk import Bell

    release = threading.Event()
    rung: list[str] = []

    def ring(queue: str) -> None:
        rung.append(queue)
        if len(rung) == 1:
            raise ConnectionError("no broker")
        release.wait(20)

    bell = Bell(ring)
    for _ in range(1000):
        bell("media")  # comes back at once
    until(lambda: len(rung) == 2)
    release.set()
    until(lambda: len(rung) > 2)
    bell.close()
    assert len(rung) <= 66


def test_the_metrics_count_requests_by_route_and_units_by_queue(tmp_path: Path) -> None:
    with served(tmp_path) as api, api.client() as a:
        job = scored(api, a)
        waiting = api.job(a)
        a.get(f"/v1/jobs/{job}")
        a.get(f"/v1/jobs/{waiting}")
        a.get("/v1/secret-path-of-mine")
        a.request("BREW", "/v1/jobs")
        text = httpx.get(f"{api.address}/metrics").text
        assert 'cuesmith_requests_total{method="GET",route="/v1/jobs/{job_id}",status="200"} 3.0' in text
        assert 'cuesmith_units_waiting{queue="media"} 1.0' in text
        assert 'cuesmith_units_waiting{queue="gpu"} 0.0' in text
        assert 'cuesmith_jobs{state="succeeded"} 1.0' in text
        assert 'cuesmith_jobs{state="queued"} 1.0' in text
        assert "cuesmith_upload_bytes_total 32816.0" in text
        assert 'method="other"' in text
        for secret in (job, "secret-path", api.key()):
            assert secret not in text
