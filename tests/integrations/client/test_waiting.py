from __future__ import annotations

import threading
from pathlib import Path

import pytest
from api_made import work_off
from api_rig import ApiRig
from cutting_proxy import CuttingProxy
from scripted_server import Say, scripted

from integrations.client import CuesmithClient, Progress
from integrations.client.waiting import read_events
from integrations.client.wire import Patience, Wire
from integrations.jobs.cancelling import cancel
from scoring.errors import Cancelled, FetchFailed, UnknownId

JOB = {"id": "job_1", "kind": "score", "state": "composing", "progress": 0.5, "has_ended": False, "created_s": 1.0}
DONE = {**JOB, "state": "succeeded", "progress": 1.0, "has_ended": True}
STREAM = {"Content-Type": "text/event-stream"}


@pytest.fixture
def job_id(api: ApiRig) -> str:
    with api.client() as http:
        return api.job(http)


def fast(address: str, retries: int = 2, timeout_s: float = 30.0) -> CuesmithClient:
    return CuesmithClient(address, "csk_x", first_wait_s=0.01, retries=retries, timeout_s=timeout_s)


def done_meanwhile(api: ApiRig) -> threading.Thread:
    thread = threading.Thread(target=work_off, args=(api,))
    thread.start()
    return thread


def test_a_job_is_followed_to_its_end(api: ApiRig, client: CuesmithClient, job_id: str) -> None:
    told: list[Progress] = []
    worker = done_meanwhile(api)
    done = client.wait(job_id, told.append)
    worker.join()
    done.check()
    assert done.has_succeeded
    assert "film.scored.mp4" in [file.name for file in done.files]
    assert told[-1] == Progress("succeeded", 1.0)
    assert [now.share for now in told] == sorted(now.share for now in told)
    assert client.wait(done).version == done.version  # one that has ended is no wait


def test_events_that_break_off_are_carried_on_after_the_last_one(
    api: ApiRig, proxy: CuttingProxy, through: CuesmithClient, job_id: str
) -> None:
    proxy.down += [400, 700, 1000, 500]
    told: list[Progress] = []
    worker = done_meanwhile(api)
    assert through.wait(job_id, told.append).has_succeeded
    worker.join()
    assert proxy.cut > 0
    assert [now.share for now in told] == sorted(now.share for now in told)


def test_the_last_events_id_is_sent_back() -> None:
    first = ['id: 17\nevent: job.state\ndata: {"state": "composing"}\n\n']
    with scripted(Say(200, first, STREAM), Say(200, JOB), Say(200, ["\n"], STREAM), Say(200, DONE)) as server:
        with fast(server.address) as client:
            told: list[Progress] = []
            assert client.wait("job_1", told.append).has_succeeded
        streams = [headers for _, path, headers in server.asked if path.endswith("/events")]
    assert [headers.get("Last-Event-ID") for headers in streams] == [None, "17"]
    assert told == [Progress("composing", 0.0), Progress("composing", 0.5), Progress("succeeded", 1.0)]


@pytest.mark.parametrize(
    "instead",
    [
        Say(200, "<html>hello</html>", {"Content-Type": "text/html"}),
        Say(429, {"code": "quota_reached", "detail": "500 follow"}, {"Retry-After": "0"}),
    ],
)
def test_where_events_do_not_get_through_it_asks_again_and_again(instead: Say) -> None:
    tagged = {"ETag": '"1"'}
    with scripted(instead, Say(200, JOB, tagged), Say(304, "", tagged), Say(200, DONE)) as server:
        with fast(server.address) as client:
            told: list[Progress] = []
            assert client.wait("job_1", told.append).has_succeeded
        polls = [(path, headers.get("If-None-Match")) for _, path, headers in server.asked[1:]]
    assert polls[0] == ("/v1/jobs/job_1?wait_s=0.0", None)
    assert polls[1][0].startswith("/v1/jobs/job_1?wait_s=15")
    assert [known for _, known in polls[1:]] == ['"1"', '"1"']
    assert told == [Progress("composing", 0.5), Progress("succeeded", 1.0)]


def test_events_that_end_at_once_each_time_are_given_up_for_asking() -> None:
    answers = [Say(200, ["\n"], STREAM), Say(200, JOB)] * 3
    with scripted(*answers, Say(200, DONE)) as server, fast(server.address) as client:
        assert client.wait("job_1").has_succeeded
        assert [path for _, path, _ in server.asked].count("/v1/jobs/job_1/events") == 3


def test_a_server_that_went_away_ends_the_wait_after_the_retries(api: ApiRig, proxy: CuttingProxy) -> None:
    proxy.down += [0] * 50
    with (
        CuesmithClient(proxy.address, api.key(), first_wait_s=0.01, retries=2) as client,
        pytest.raises(FetchFailed, match="does not answer"),
    ):
        client.wait("job_1")
    assert proxy.made == 6 - 2  # the events once, then as many tries as there are


def test_a_wait_that_takes_too_long_ends_and_the_job_goes_on(client: CuesmithClient, job_id: str) -> None:
    with pytest.raises(FetchFailed, match="in the time given"):
        client.wait(job_id, timeout_s=0.5)
    assert client.job(job_id).state == "queued"
    assert client.cancel(job_id)


def test_a_job_that_was_cancelled_says_so_when_it_is_checked(api: ApiRig, client: CuesmithClient, job_id: str) -> None:
    timer = threading.Timer(0.3, cancel, (api.database, api.settings, "a", job_id))
    timer.start()
    ended = client.wait(job_id)
    timer.join()
    assert ended.state == "canceled"
    with pytest.raises(Cancelled) as stopped:
        ended.check()
    assert stopped.value.exit_code == 130


def test_a_job_there_is_not_is_no_wait(client: CuesmithClient) -> None:
    with pytest.raises(UnknownId):
        client.wait("job_" + "0" * 32)


def test_events_are_read_as_browsers_read_them() -> None:
    body = [
        ": alive\n\n",
        "id: 5\nda",
        'ta: {"a":\ndata: 1}\nretry: 3\nunknown: x\nevent: kind\n\n',
        "data:bare\r\n\r\n",
    ]
    with scripted(Say(200, [*body, "data: cut off"], STREAM)) as server:
        wire = Wire(server.address, "csk_x", Patience())
        with wire.stream("/x", headers={}) as response:
            found = list(read_events(response))
        wire.close()
    assert found[0] is None
    assert [(event.id, event.kind, event.data) for event in found[1:] if event] == [
        ("5", "kind", '{"a":\n1}'),
        ("", "message", "bare"),
    ]


def test_a_silent_stream_is_left_when_the_time_is_over(tmp_path: Path) -> None:
    with (
        scripted(Say(200, [": alive\n\n"], STREAM, hang=True)) as server,
        fast(server.address) as client,
        pytest.raises(FetchFailed, match="in the time given"),
    ):
        client.wait("job_1", timeout_s=0.3)
