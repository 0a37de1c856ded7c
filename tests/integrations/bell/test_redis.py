"""A foreign Celery client and a real Redis."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bell_rig import BellRig, Client, bell_rig
from redis_server import RedisServer, redis_server
from service_rig import until

# Celery 5.7 stores results with a call that redis-py has renamed.
pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated:DeprecationWarning")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path / "redis") as made:
        yield made


@pytest.fixture
def rig(tmp_path: Path, server: RedisServer) -> Iterator[BellRig]:
    with bell_rig(tmp_path / "service", server.url) as made:
        yield made


@pytest.fixture
def client(rig: BellRig, server: RedisServer) -> Client:
    return rig.client(server.url)


def test_a_film_is_scored_for_a_client_that_knows_only_the_broker(rig: BellRig, client: Client) -> None:
    rig.hearing()
    assert client.say("watch")
    task = client.send("cuesmith.score_video", {"path": str(rig.film())}, {"wish": {"style": "ambient"}})
    until(lambda: client.state(task) == "PROGRESS", 10, "the first word of the job")
    (job,) = rig.jobs()
    seen = client.say("look", id=task)["info"]
    assert seen == {"job_id": job.id, "state": "queued", "progress": 0.0}
    assert job.order["wish"] == {"style": "ambient"}

    assert rig.work() == 4
    answer = client.get(task)["result"]
    assert answer["schema"] == "cuesmith.task/1"
    assert (answer["job_id"], answer["state"], answer["kind"]) == (job.id, "succeeded", "score")
    assert answer["result"] == {"did": "finish"}
    files = {file["name"]: file for file in answer["artefacts"]}
    assert sorted(files) == ["analyse.txt", "compose.txt", "finish.txt", "spot.txt"]
    finish = files["finish.txt"]
    assert rig.storage.get_bytes(finish["storage_key"], 1000) == f"{job.id} finish ".encode()
    assert Path(finish["storage_url"].removeprefix("file://")).read_bytes() == f"{job.id} finish ".encode()

    events = until(lambda: [e for e in client.say("events") if e["type"] == "task-succeeded"], 10, "the last event")
    assert events[0]["uuid"] == task
    kinds = {event["type"] for event in client.say("events")}
    assert {"task-received", "task-progress", "task-succeeded"} <= kinds
