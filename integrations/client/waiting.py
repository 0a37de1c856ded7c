"""Waiting for a job: by its events, and where those do not get through by asking again and again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

import httpx

from integrations.client.answers import Job, Progress, read_document
from integrations.client.wire import Again, Wire
from scoring.errors import CapacityError, CuesmithError, FetchFailed

OnProgress = Callable[[Progress], None]
_LONGEST_POLL_S = 20.0
_QUIET_S = 25.0  # the server says every ten seconds that it is still there
_MOST_LINE = 1 << 20


@dataclass(frozen=True, slots=True)
class Event:
    """A server-sent event (WHATWG HTML, section 9.2). id: "" where it has none."""

    id: str
    kind: str
    data: str


def wait(wire: Wire, job_id: str, progress: OnProgress | None = None, timeout_s: float | None = None) -> Job:
    """The job once it has ended, however it ended. progress: told of every change of state or share.

    timeout_s: from now; None waits as long as it takes. Raises FetchFailed when the time is over, or when as many tries
    in a row as there are retries did not reach the server; what the server refuses.
    """
    ends_s = None if timeout_s is None else time.monotonic() + timeout_s
    told = _Told(progress)
    last, failures = "", 0
    while True:
        heard = _Heard(last)
        try:
            _follow(wire, job_id, heard, told, ends_s)
            error: CuesmithError | None = None
        except Again as again:
            error = again.error
            if isinstance(error, CapacityError):  # as many follow jobs as may
                return _poll(wire, job_id, told, ends_s)
        except _NoEvents:
            return _poll(wire, job_id, told, ends_s)
        last = heard.last
        _check_time(job_id, ends_s)
        job = Job.of(wire.read("GET", f"/v1/jobs/{quote(job_id, safe='')}"))
        told(Progress(job.state, job.progress))
        if job.has_ended:
            return job
        failures = 1 if heard.something else failures + 1
        if failures > wire.patience.retries:
            if error is None:  # it answers, but its events end at once
                return _poll(wire, job_id, told, ends_s)
            raise error
        time.sleep(wire.patience.wait_s(failures))


class _NoEvents(Exception):
    """What answered sends no events."""


class _Heard:
    """last: the id of the last event. something: whether anything came at all."""

    def __init__(self, last: str) -> None:
        self.last = last
        self.something = False


class _Told:
    def __init__(self, progress: OnProgress | None) -> None:
        self._progress, self._last = progress, Progress("", -1.0)

    def __call__(self, now: Progress) -> None:
        if self._progress is not None and now != self._last:
            self._last = now
            self._progress(now)

    def state(self, state: str) -> None:
        """Only the state is known."""
        self(Progress(state, max(0.0, self._last.share)))


def _follow(wire: Wire, job_id: str, heard: _Heard, told: _Told, ends_s: float | None) -> None:
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": heard.last} if heard.last else {})
    quiet_s = max(wire.patience.timeout_s, _QUIET_S)
    if ends_s is not None:
        quiet_s = max(0.05, min(quiet_s, ends_s - time.monotonic()))
    with wire.stream(f"/v1/jobs/{quote(job_id, safe='')}/events", headers=headers, timeout_s=quiet_s) as response:
        if not response.headers.get("Content-Type", "").startswith("text/event-stream"):
            raise _NoEvents
        for event in read_events(response):
            heard.something = True
            if event is not None:
                heard.last = event.id or heard.last
                _tell(event, told)
            _check_time(job_id, ends_s)


def read_events(response: httpx.Response) -> Iterator[Event | None]:
    """The events of a stream as they come; None for a comment, which says that the connection is alive."""
    event_id, kind, data = "", "", list[str]()
    for line in response.iter_lines():
        if len(line) > _MOST_LINE:
            raise _NoEvents
        if not line:
            if data:
                yield Event(event_id, kind or "message", "\n".join(data))
            event_id, kind, data = "", "", []
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not name:
            yield None
        elif name == "id":
            event_id = value
        elif name == "event":
            kind = value
        elif name == "data":
            data.append(value)


def _tell(event: Event, told: _Told) -> None:
    try:
        body = json.loads(event.data)
        state = str(body["state"])
        share = float(body["progress"]) if event.kind == "job.progress" else None
    except (ValueError, TypeError, KeyError):
        return  # an event of a kind we do not know
    if share is None:
        told.state(state)
    else:
        told(Progress(state, share))


def _poll(wire: Wire, job_id: str, told: _Told, ends_s: float | None) -> Job:
    """The server answers when something has changed, or after a while."""
    etag = ""
    wait_s = min(_LONGEST_POLL_S, wire.patience.timeout_s / 2)
    job: Job | None = None
    while job is None or not job.has_ended:
        _check_time(job_id, ends_s)
        left_s = wait_s if ends_s is None else max(0.1, min(wait_s, ends_s - time.monotonic()))
        headers = {"If-None-Match": etag} if etag else {}
        asked_s = time.monotonic()
        answer = wire.ask(
            "GET", f"/v1/jobs/{quote(job_id, safe='')}", headers=headers, query={"wait_s": left_s if etag else 0.0}
        )
        if answer.status_code != 304:
            etag = str(answer.headers.get("ETag", ""))
            job = Job.of(read_document(answer.content))
            told(Progress(job.state, job.progress))
        if (job is None or not job.has_ended) and time.monotonic() - asked_s < wire.patience.first_wait_s:
            time.sleep(wire.patience.first_wait_s)  # a server, or a cache, that answers at once
    return job


def _check_time(job_id: str, ends_s: float | None) -> None:
    if ends_s is not None and time.monotonic() > ends_s:
        raise FetchFailed(f"the job {job_id} has not ended in the time given", "It goes on; wait for it again")
