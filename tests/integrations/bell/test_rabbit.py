"""A foreign Celery client and a real RabbitMQ, where it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bell_rig import BellRig, Client, bell_rig
from rabbit_server import RabbitServer, rabbit_server
from service_rig import until

from integrations.bell.ring import Ringer, can_reach_broker

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitServer]:
    with rabbit_server(tmp_path_factory.mktemp("rabbit")) as made:
        yield made


@pytest.fixture
def rig(tmp_path: Path, server: RabbitServer) -> Iterator[BellRig]:
    with bell_rig(tmp_path / "service", server.url) as made:
        yield made


@pytest.fixture
def client(rig: BellRig) -> Client:
    """One that knows nothing but the broker: its answers come through it."""
    return rig.client("rpc://")


def test_a_film_is_scored_for_a_client_that_knows_only_the_broker(rig: BellRig, client: Client) -> None:
    rig.hearing()
    assert can_reach_broker(rig.settings)
    assert client.say("watch")
    task = client.send("cuesmith.score_video", {"path": str(rig.film())}, {"wish": {"style": "ambient"}})
    until(lambda: client.state(task) == "PROGRESS", 20, "the first word of the job")
    (job,) = rig.jobs()
    assert rig.work() == 4
    answer = client.get(task)["result"]
    assert (answer["job_id"], answer["state"]) == (job.id, "succeeded")
    assert len(answer["artefacts"]) == 4
    until(lambda: [e for e in client.say("events") if e["type"] == "task-succeeded"], 10, "the last event")


def test_what_cannot_be_done_fails_at_once_and_says_why(rig: BellRig, client: Client) -> None:
    rig.hearing()
    answer = client.get(client.send("cuesmith.score_video", {"path": "/etc/passwd"}))
    assert answer["error"] == "TaskFailed"
    assert answer["args"][1]["code"] == "input_error"
    assert not rig.jobs()


def test_a_revoke_cancels_the_job_wherever_it_is(rig: BellRig, client: Client) -> None:
    rig.hearing()
    task = client.send("cuesmith.score_video", {"path": str(rig.film())})
    lease = until(rig.lease, 20, "a unit")
    client.say("revoke", id=task)
    until(lambda: rig.job(lease.job_id).state == "canceled", 5, "the end of the job")
    assert client.get(task) == {"revoked": "canceled"}


def test_a_task_that_a_stopped_listener_held_goes_to_the_next(rig: BellRig, client: Client) -> None:
    first = rig.hearing()
    with rig.database.writing():  # nobody else writes: the tasks stay in hand
        sent = [client.send("cuesmith.analyse", {"path": str(rig.film(f"{n}.mp4"))}) for n in range(6)]
        first.stop()
    rig.hearing()
    until(lambda: len(rig.jobs()) == 6, 20, "the jobs")
    rig.work()
    assert [client.get(task)["result"]["state"] for task in sent] == ["succeeded"] * 6


def test_results_can_be_kept_elsewhere(tmp_path: Path, server: RabbitServer) -> None:
    kept = f"db+sqlite:///{tmp_path / 'results.db'}"
    with bell_rig(tmp_path / "service", server.url, CUESMITH_RESULT_URL=kept) as rig:
        rig.hearing()
        first = rig.client(kept)
        task = first.send("cuesmith.analyse", {"path": str(rig.film())})
        rig.work()
        until(lambda: rig.untold() == 0, 20, "the result")
        assert rig.client(kept).get(task)["result"]["state"] == "succeeded"  # another client, later


def test_rings_are_heard_before_and_after_the_broker_was_killed(tmp_path: Path) -> None:
    with rabbit_server(tmp_path / "own") as own, bell_rig(tmp_path / "service", own.url) as rig:
        listener = rig.hearing()
        ring = Ringer(rig.settings)
        ring("media")
        until(lambda: rig.rung == ["media"], 20, "the ring")
        client = rig.client("rpc://")
        task = client.send("cuesmith.analyse", {"path": str(rig.film())})
        until(rig.jobs, 20, "the job")
        own.kill()
        until(lambda: not listener.is_connected, 20, "the loss of the connection")
        ring("media")
        until(lambda: ring.is_heard is False, 20, "the failure")
        rig.work()
        own.start()
        until(lambda: listener.is_connected, 20, "the connection")
        until(lambda: rig.untold() == 0, 20, "the result")
        assert rig.jobs()[0].state == "succeeded"
        ring("compose")
        until(lambda: "compose" in rig.rung, 20, "the ring")
        assert task
