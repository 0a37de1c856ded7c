"""A foreign Celery client and a real Redis."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from bell_rig import FILM, BellRig, Client, bell_rig
from redis_server import RedisServer, redis_server
from service_rig import until
from sheets import sheet

from integrations.jobs.reaping import reap
from integrations.jobs.tenants import Tenant, ensure_tenant
from integrations.jobs.uploads import complete_upload, open_upload
from integrations.service.settings import Quota
from scoring.cue_sheet_json import dumps
from scoring.errors import BrokenMedia

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


@pytest.fixture(scope="module")
def shared_rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[BellRig, Client]]:
    """For tests that leave nothing behind."""
    folder = tmp_path_factory.mktemp("shared")
    with redis_server(folder / "redis") as server, bell_rig(folder / "service", server.url) as rig:
        rig.hearing()
        yield rig, rig.client(server.url)


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


def test_every_way_to_name_a_film_leads_to_it(rig: BellRig, client: Client) -> None:
    rig.hearing()
    ensure_tenant(rig.database, "acme")
    stored = rig.storage.put_bytes(FILM, "films/acme/trailer.mp4")
    upload = open_upload(rig.database, Tenant("acme", Quota()), name="a.mp4", length_bytes=len(FILM), keep_s=3600)
    sha256 = rig.storage.put_bytes(FILM, upload.key).sha256
    complete_upload(rig.database, upload, sha256, 3600)
    root = rig.settings.storage_url
    sent = [
        client.send("cuesmith.analyse", {"upload": upload.id}, tenant="acme"),
        client.send("cuesmith.analyse", {"storage": "films/acme/trailer.mp4"}, tenant="acme"),
        client.send("cuesmith.spot", {"storage": f"file://{root}/films/acme/trailer.mp4"}, tenant="acme"),
        client.send("cuesmith.spot", {"path": str(rig.film())}, tenant="acme"),
    ]
    until(lambda: len(rig.jobs("acme")) == len(sent), 20, "the jobs")
    rig.work()
    answers = [client.get(task)["result"] for task in sent]
    assert [answer["kind"] for answer in answers] == ["analyse", "analyse", "spot", "spot"]
    sources = [rig.job(answer["job_id"], "acme").source or {} for answer in answers]
    assert [source["key"] for source in sources[:3]] == [upload.key, stored.key, stored.key]
    assert {source["sha256"] for source in sources[:3]} == {stored.sha256}
    assert [source["name"] for source in sources] == ["a.mp4", "trailer.mp4", "trailer.mp4", "film.mp4"]


def test_one_cue_is_composed_from_a_sheet(rig: BellRig, client: Client) -> None:
    rig.hearing()
    document = json.loads(dumps(sheet([0.0, 10.0])))
    task = client.send("cuesmith.compose_cue", document, "1m1", {"bpm": 90})
    rig.work()
    answer = client.get(task)["result"]
    assert answer["kind"] == "compose_cue"
    order = rig.job(answer["job_id"]).order
    assert json.loads(order["texts"]["sheet"]) == document
    assert (order["kind"], order["cue"], order["wish"]) == ("compose_cue", "1m1", {"bpm": 90.0})


@pytest.mark.parametrize(
    ("task", "args", "kwargs", "code", "word"),
    [
        ("cuesmith.score_video", [{"path": "/etc/passwd"}], {}, "input_error", "folders that films may be named from"),
        ("cuesmith.score_video", [{"url": "https://example.com/a.mp4"}], {}, "input_error", "fetches no films"),
        ("cuesmith.score_video", [{"upload": "up_" + 32 * "0"}], {}, "unknown_id", "there is no upload"),
        ("cuesmith.score_video", [{"storage": "films/acme/a.mp4"}], {}, "input_error", "tenant local"),
        ("cuesmith.score_video", [{"storage": "films/local/../acme/a"}], {}, "input_error", "no key"),
        ("cuesmith.score_video", [{"storage": "films/local/none.mp4"}], {}, "stored_missing", "none.mp4"),
        ("cuesmith.score_video", [{"storage": "s3://other/films/local/a"}], {}, "input_error", "outside"),
        ("cuesmith.score_video", [{}], {}, "input_error", "names 0 films"),
        ("cuesmith.score_video", ["film.mp4"], {}, "input_error", "source is str"),
        ("cuesmith.score_video", [], {}, "input_error", "missing a required argument: 'source'"),
        ("cuesmith.score_video", [{}], {"sauce": 1}, "input_error", "sauce"),
        ("cuesmith.score_video", [{}], {"version": 2}, "input_error", "version 1"),
        ("cuesmith.score_video", [{}, {"wish": {"style": "polka"}}], {}, "unknown_choice", "polka"),
        ("cuesmith.score_video", [{}, {"kind": "spot"}], {}, "input_error", "'spot'"),
        ("cuesmith.score_video", [{"upload": "x"}], {"tenant": "nobody"}, "unknown_id", "no tenant 'nobody'"),
        ("cuesmith.analyse", [{}], {"request_id": 7}, "input_error", "request_id"),
        ("cuesmith.compose_cue", ["{}", ""], {}, "input_error", "cue"),
        ("cuesmith.erase_everything", [], {}, "unknown_choice", "cuesmith.score_video"),
    ],
)
def test_what_cannot_be_done_fails_at_once_and_says_why(
    shared_rig: tuple[BellRig, Client], task: str, args: list[object], kwargs: dict[str, object], code: str, word: str
) -> None:
    rig, client = shared_rig
    answer = client.get(client.send(task, *args, **kwargs))
    assert answer["error"] == "TaskFailed"
    text, problem = answer["args"]
    assert problem["code"] == code
    assert word in text
    assert text.startswith(problem["what"])
    assert not rig.jobs()


def test_what_celery_would_do_after_a_task_is_refused_rather_than_forgotten(rig: BellRig, client: Client) -> None:
    rig.hearing()
    film = {"path": str(rig.film())}
    later = client.get(client.send("cuesmith.analyse", film, options={"countdown": 60}))
    assert "eta" in later["args"][0]
    assert client.get(client.send("cuesmith.analyse", film, options={"expires": -1})) == {"revoked": "expired"}
    assert not rig.jobs()


def test_a_job_that_is_not_begun_in_time_is_not_begun(rig: BellRig, client: Client) -> None:
    rig.hearing()
    task = client.send("cuesmith.analyse", {"path": str(rig.film())}, options={"expires": 2})
    until(rig.jobs, 10, "the job")
    until(lambda: reap(rig.database, rig.settings).aborted, 10, "the deadline")
    assert client.get(task) == {"revoked": "expired"}


def test_a_job_that_fails_says_why_to_its_client(rig: BellRig, client: Client) -> None:
    rig.hearing()
    task = client.send("cuesmith.score_video", {"path": str(rig.film())})
    rig.break_down(until(rig.lease, 20, "a unit"), BrokenMedia("the film ends in the middle of a frame", "Export it"))
    answer = client.get(task)
    assert answer["error"] == "TaskFailed"
    text, problem = answer["args"]
    assert text == "the film ends in the middle of a frame. Export it"
    assert problem["code"] == "broken_media"
    assert problem["stage"] == "analyse"
    assert problem["job_id"] == rig.jobs()[0].id


@pytest.mark.parametrize("terminate", [False, True])
def test_a_revoke_cancels_the_job_wherever_it_is(rig: BellRig, client: Client, terminate: bool) -> None:
    rig.hearing()
    task = client.send("cuesmith.score_video", {"path": str(rig.film())})
    lease = until(rig.lease, 20, "a unit")
    client.say("revoke", id=task, terminate=terminate)
    until(lambda: rig.job(lease.job_id).state == "canceled", 5, "the end of the job")
    assert client.get(task) == {"revoked": "canceled"}
    rig.do(lease)  # comes too late
    assert rig.job(lease.job_id).artefacts == ()


def test_a_revoke_that_comes_before_its_task_holds_too(rig: BellRig, client: Client) -> None:
    rig.hearing()
    client.say("revoke", id="known-in-advance")
    assert client.say("ping")  # heard after the revoke
    client.send("cuesmith.analyse", {"path": str(rig.film())}, options={"task_id": "known-in-advance"})
    assert client.get("known-in-advance") == {"revoked": "revoked"}
    assert not rig.jobs()


def test_a_message_that_comes_twice_and_a_request_that_is_sent_twice_are_one_job(rig: BellRig, client: Client) -> None:
    rig.hearing()
    film = {"path": str(rig.film())}
    for _ in range(2):
        client.send("cuesmith.analyse", film, options={"task_id": "delivered-twice"})
    first, second = (client.send("cuesmith.analyse", film, request_id="order 66") for _ in range(2))
    until(lambda: len(rig.jobs()) == 2 and rig.untold() == 3, 20, "the jobs")
    rig.work()
    answers = [client.get(task)["result"] for task in ("delivered-twice", first, second)]
    assert answers[1] == answers[2]
    assert answers[0]["job_id"] != answers[1]["job_id"]
    other = client.get(client.send("cuesmith.spot", film, request_id="order 66"))
    assert other["args"][1]["code"] == "conflict"


def test_a_remote_ping_is_answered_and_other_programs_broadcasts_are_not_minded(rig: BellRig, client: Client) -> None:
    listener = rig.hearing()
    (answer,) = client.say("ping")
    assert list(answer.values()) == [{"ok": "pong"}]
    client.say("revoke", id=["somebody", "elses"])
    assert client.say("ping") == [answer]
    assert listener.is_connected
