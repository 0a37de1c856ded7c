"""What the bell and the task API go through with a real Redis that is away, killed, wiped, full or stuck."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from bell_rig import BellRig, bell_rig
from prometheus_client import REGISTRY
from redis_server import RedisServer, redis_server
from service_rig import until

from integrations.bell import app
from integrations.bell.app import make_app
from integrations.bell.ring import Ringer, can_reach_broker, ringer
from integrations.service.settings import ServiceSettings
from scoring.errors import InputError, UnknownChoice

pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated:DeprecationWarning")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path / "redis") as made:
        yield made


@pytest.fixture
def rig(tmp_path: Path, server: RedisServer) -> Iterator[BellRig]:
    with bell_rig(tmp_path / "service", server.url) as made:
        yield made


def rings(outcome: str) -> float:
    return REGISTRY.get_sample_value("cuesmith_rings_total", {"outcome": outcome}) or 0.0


def test_a_ring_reaches_a_listener_of_its_queue_and_no_other(rig: BellRig) -> None:
    rig.hearing(takes_tasks=False)
    ring = Ringer(rig.settings)
    ring("compose")
    assert rig.has_rung.wait(10)
    assert rig.rung == ["compose"]
    until(lambda: ring.is_heard, 10, "the broker's answer")
    ring.close()


def test_nothing_is_rung_where_there_is_no_broker(tmp_path: Path) -> None:
    settings = ServiceSettings.from_env({"CUESMITH_DATA": str(tmp_path)})
    ringer(settings)("media")
    assert can_reach_broker(settings)
    with pytest.raises(InputError, match="no broker is set"):
        make_app(settings)


def test_a_broker_of_another_kind_is_refused_when_the_service_starts(tmp_path: Path) -> None:
    settings = ServiceSettings.from_env({"CUESMITH_DATA": str(tmp_path), "CUESMITH_BROKER_URL": "sqs://key:secret@"})
    with pytest.raises(UnknownChoice, match="sqs") as caught:
        ringer(settings)
    assert "secret" not in str(caught.value)


def test_a_listener_that_starts_before_its_broker_hears_it_soon(tmp_path: Path) -> None:
    server = RedisServer(tmp_path / "redis")
    with bell_rig(tmp_path / "service", server.url) as rig:
        listener = rig.listener()
        assert not can_reach_broker(rig.settings)
        assert not listener.is_connected
        server.start()
        try:
            until(lambda: listener.is_connected, 10, "the connection")
            assert can_reach_broker(rig.settings)
            Ringer(rig.settings)("media")
            assert rig.has_rung.wait(10)
        finally:
            server.kill()


def test_no_ring_raises_or_waits_while_the_broker_is_away(rig: BellRig, server: RedisServer) -> None:
    server.kill()
    ring, failed = Ringer(rig.settings), rings("failed")
    began_s = time.monotonic()
    for _ in range(1000):
        ring("media")
    took_s = time.monotonic() - began_s
    assert took_s < 1.0
    until(lambda: ring.is_heard is False, 10, "the failure")
    until(lambda: rings("failed") > failed, 10, "the count of failures")
    server.start()
    rig.hearing()
    ring("compose")
    until(lambda: "compose" in rig.rung and ring.is_heard, 10, "the ring")


def test_no_ring_waits_for_a_broker_that_takes_connections_and_says_nothing(rig: BellRig, server: RedisServer) -> None:
    ring = Ringer(rig.settings)
    server.pause()
    began_s = time.monotonic()
    for _ in range(100):
        ring("media")
    assert time.monotonic() - began_s < 1.0
    ring.close()
    assert time.monotonic() - began_s < 3.0


def test_rings_that_nobody_hears_do_not_fill_the_broker(rig: BellRig, server: RedisServer) -> None:
    ring, kept = Ringer(rig.settings), rings("unheard")

    def has_enough() -> bool:
        ring("media")
        return rings("unheard") >= kept + 3

    until(has_enough, 30, "the limit")
    ring.close()
    with server.client() as client:
        assert client.llen("cuesmith.media") == 64


def test_jobs_end_and_clients_hear_of_it_though_the_broker_was_killed(rig: BellRig, server: RedisServer) -> None:
    listener = rig.hearing()
    client = rig.client(server.url)
    sent = [client.send("cuesmith.analyse", {"path": str(rig.film(f"{n}.mp4"))}) for n in range(8)]
    until(lambda: len(rig.jobs()) == 8, 20, "the jobs")
    server.kill()
    assert rig.work() == 8
    until(lambda: not listener.is_connected, 10, "the loss of the connection")
    server.start()
    until(lambda: listener.is_connected, 10, "the connection")
    assert [client.get(task)["result"]["state"] for task in sent] == ["succeeded"] * 8
    until(lambda: rig.untold() == 0, 10, "the last result")
    again = client.send("cuesmith.analyse", {"path": str(rig.film("again.mp4"))})
    rig.work()
    assert client.get(again)["result"]["state"] == "succeeded"


def test_nothing_that_was_taken_in_is_lost_when_the_broker_is_wiped(rig: BellRig, server: RedisServer) -> None:
    rig.hearing()
    client = rig.client(server.url)
    sent = [client.send("cuesmith.analyse", {"path": str(rig.film(f"{n}.mp4"))}) for n in range(10)]
    until(lambda: len(rig.jobs()) == 10, 20, "the jobs")
    for _ in range(5):
        rig.do(until(rig.lease, 10, "a unit"))
    until(lambda: rig.untold() == 5, 10, "the results of half")
    server.wipe()
    while lease := rig.lease():
        rig.do(lease)
    until(lambda: all(client.state(task) == "SUCCESS" for task in sent), 20, "all results, the wiped ones too")
    assert len({client.get(task)["result"]["job_id"] for task in sent}) == 10
    late = client.send("cuesmith.analyse", {"path": str(rig.film("late.mp4"))})
    rig.work()
    assert client.get(late)["result"]["state"] == "succeeded"
    Ringer(rig.settings)("gpu")
    until(lambda: "gpu" in rig.rung, 10, "a ring")


def test_a_broker_that_fills_up_costs_no_task_and_no_result(rig: BellRig, server: RedisServer) -> None:
    listener = rig.hearing()
    client = rig.client(server.url)
    with server.client() as look:
        with rig.database.writing():  # nobody else writes: some tasks are in the listener's hands, the others wait
            films = [{"path": str(rig.film(f"{n}.mp4"))} for n in range(10)]
            sent = [client.send("cuesmith.analyse", film) for film in films]
            until(lambda: look.zcard("cuesmith.unacked_index") == 4, 10, "messages in hand")
            server.limit(1)
        until(lambda: len(rig.jobs()) == 10, 20, "the jobs")
        ring = Ringer(rig.settings)
        ring("media")
        until(lambda: ring.is_heard is False, 10, "the refused ring")
        assert rig.work() == 10
        assert rig.untold() == 10
        until(lambda: look.llen("cuesmith") + look.zcard("cuesmith.unacked_index") == 0, 10, "an empty queue")
        assert listener.is_connected
        server.limit(0)
    assert [client.get(task)["result"]["state"] for task in sent] == ["succeeded"] * 10


def test_a_listener_that_starts_while_the_broker_is_full_hears_it_when_there_is_room(
    rig: BellRig, server: RedisServer
) -> None:
    client = rig.client(server.url)
    task = client.send("cuesmith.analyse", {"path": str(rig.film())})
    server.limit(1)
    listener = rig.listener()
    assert not can_reach_broker(rig.settings)
    assert not listener.is_connected
    server.limit(0)
    until(lambda: listener.is_connected, 10, "the connection")
    rig.work()
    assert client.get(task)["result"]["state"] == "succeeded"


@pytest.mark.parametrize("moment", ["task.taken", "task.noted"])
def test_a_task_whose_listener_is_killed_becomes_one_job(
    rig: BellRig, server: RedisServer, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = rig.client(server.url)
    doomed = subprocess.Popen(
        [
            sys.executable,
            *("-W", "ignore", "-c"),
            "import sys, time\n"
            "from integrations.bell.listener import Listener\n"
            "from integrations.jobs.database import Database\n"
            "from integrations.service.settings import ServiceSettings\n"
            "settings = ServiceSettings.from_env()\n"
            "Listener(settings, ['media'], print, database=Database(settings.database_url)).start()\n"
            "time.sleep(60)\n",
        ],
        env={**rig.environment, "CUESMITH_CRASH_AT": moment},
        cwd=Path(__file__).parents[3],
    )
    task = client.send("cuesmith.analyse", {"path": str(rig.film())})
    assert doomed.wait(30) == -signal.SIGKILL
    monkeypatch.setattr(app, "_UNSEEN_S", 2)  # a minute, where nobody waits for it
    rig.hearing()
    with server.client() as look:
        until(lambda: look.zcard("cuesmith.unacked_index") == 0 and look.llen("cuesmith") == 0, 30, "the message")
    rig.work()
    assert client.get(task)["result"]["state"] == "succeeded"
    assert len(rig.jobs()) == 1


def test_several_listeners_tell_each_end_once(rig: BellRig, server: RedisServer) -> None:
    for _ in range(3):
        rig.hearing()
    client = rig.client(server.url)
    assert client.say("watch")
    sent = [client.send("cuesmith.analyse", {"path": str(rig.film(f"{n}.mp4"))}) for n in range(12)]
    until(lambda: len(rig.jobs()) == 12, 20, "the jobs")
    rig.work()
    until(lambda: rig.untold() == 0, 20, "the results")
    assert all(client.state(task) == "SUCCESS" for task in sent)

    def ends() -> list[str]:
        return sorted(event["uuid"] for event in client.say("events") if event["type"] == "task-succeeded")

    until(lambda: len(ends()) >= 12, 10, "the events")
    assert ends() == sorted(sent)


@pytest.mark.parametrize("trouble", ["none", "killed", "paused"])
def test_a_listener_stops_within_two_seconds_and_leaves_signals_alone(
    rig: BellRig, server: RedisServer, trouble: str
) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)]
    listener = rig.hearing()
    if trouble == "killed":
        server.kill()
    elif trouble == "paused":
        server.pause()
    began_s = time.monotonic()
    listener.stop()
    assert time.monotonic() - began_s < 2.5
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)] == before
    assert not listener.is_connected or trouble == "paused"


def test_what_is_no_task_is_thrown_away_and_the_next_is_heard(rig: BellRig, server: RedisServer) -> None:
    rig.hearing()
    client = rig.client(server.url)
    with make_app(rig.settings).connection_for_write() as connection, connection.SimpleQueue("cuesmith") as queue:
        queue.put({"no": "task"}, serializer="json")
        queue.put("text", serializer="json")
        queue.put([1, 2, 3], serializer="json", headers={"task": "cuesmith.analyse", "id": 7})
        queue.put(b"\x80\x04N.", content_type="application/x-python-serialize", content_encoding="binary")
        queue.put(
            {"id": "by-protocol-1", "task": "cuesmith.analyse", "args": [{"path": str(rig.film())}], "kwargs": {}},
            serializer="json",
        )
    rig.work()
    assert client.get("by-protocol-1")["result"]["state"] == "succeeded"
    with server.client() as look:
        until(lambda: look.llen("cuesmith") == 0 and look.zcard("cuesmith.unacked_index") == 0, 10, "an empty queue")
