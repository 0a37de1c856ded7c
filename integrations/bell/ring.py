"""Ringing: a hint to workers that something waits, so that they need not look every second.

A ring may get lost, come twice or come late: workers look by themselves, and the job's row is the truth.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from kombu import Connection, Producer
from prometheus_client import Counter

from integrations.bell.app import RING, make_app, ring_queue
from integrations.bell.complaints import Complaints
from integrations.service.settings import QUEUES, ServiceSettings
from scoring.errors import InputError

RINGS = Counter("cuesmith_rings_total", "Rings that were sent to workers, by what became of them", ["outcome"])

_EXPIRES_S = 60
_MOST_UNHEARD = 64  # more rings in a queue tell nobody anything
_TRIES = 2  # a connection that was idle may be dead, which only its use shows


class Ringer:
    """Called with the name of a queue. It never raises and never waits: a thread of its own speaks to the broker, and
    rings for one queue that pile up meanwhile are one.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        """Connects at the first ring. Raises InputError for a broker that cannot be one."""
        self._app = make_app(settings)
        self._due: set[str] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._connection: Connection | None = None
        self._complain = Complaints(__name__, "the broker takes no rings, workers look by themselves")
        self._is_closed = False
        self.is_heard: bool | None = None  # whether the broker took the last ring; None before the first

    def __call__(self, queue: str) -> None:
        """Ring for one of the service's queues ("media")."""
        with self._changed:
            self._due.add(queue)
            if self._thread is None or not self._thread.is_alive():  # at the first ring, and in a forked process
                self._thread = threading.Thread(target=self._run, name="bell", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Send what is due, if that takes no longer than a second, and let go of the broker."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join(1.0)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._due or self._is_closed)
                due, self._due = self._due, set()
                if not due:
                    break
            for queue in sorted(due):
                self._ring(queue)
        self._drop()

    def _ring(self, queue: str) -> None:
        for attempt in range(_TRIES):
            try:
                outcome = self._send(queue)
            except Exception as error:  # a client library's own, and the rim: nobody waits for an answer
                self._drop()
                if attempt == _TRIES - 1 or self.is_heard is False:
                    self.is_heard = False
                    RINGS.labels("failed").inc()
                    self._complain(error)
                    return
            else:
                self.is_heard = True
                RINGS.labels(outcome).inc()
                return

    def _send(self, queue: str) -> str:
        if self._connection is None:
            self._connection = self._app.connection_for_write()
        wanted = ring_queue(queue)
        channel = self._connection.default_channel
        _, unheard, _ = wanted(channel).queue_declare()
        if unheard >= _MOST_UNHEARD:
            return "unheard"
        self._app.send_task(
            RING,
            kwargs={"queue": queue},
            queue=wanted,
            producer=Producer(channel),
            ignore_result=True,
            retry=False,
            expires=_EXPIRES_S,
            expiration=_EXPIRES_S,  # RabbitMQ forgets it by itself
            delivery_mode=1,
        )
        return "sent"

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):  # it is gone already, which is why it is dropped
                connection.close()


def ringer(settings: ServiceSettings) -> Callable[[str], None]:
    """The doorbell of a process: a Ringer, or what does nothing where no broker is set. Raises InputError."""
    return _silence if settings.broker_url is None else Ringer(settings)


def can_reach_broker(settings: ServiceSettings) -> bool:
    """Whether the broker answers now, within about a second; True where none is set. For readiness probes."""
    if settings.broker_url is None:
        return True
    try:
        with make_app(settings).connection_for_write() as connection:
            connection.connect()
            ring_queue(QUEUES[0])(connection.default_channel).queue_declare()
    except InputError:
        raise
    except Exception:  # whatever a client library says, the answer is no
        return False
    return True


def _silence(queue: str) -> None:
    pass
