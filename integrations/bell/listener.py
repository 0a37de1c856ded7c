"""The ear of a worker: rings, tasks of the task API, and revokes, whatever the broker goes through meanwhile.

Not a Celery worker, which would install signal handlers, hold a slot for each task while its job is done elsewhere,
and wait for a broker that is away in a way that nobody can end: kombu's consumers in a thread of our own.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from kombu import Connection, Consumer, Message

from integrations.bell.app import make_app, ring_queue, task_queue
from integrations.bell.complaints import Complaints
from integrations.bell.desk import Desk
from integrations.bell.messages import Sent, read_message
from integrations.bell.results import Results
from integrations.bell.transport import connection_of
from integrations.jobs.database import Database
from integrations.jobs.ids import new_id
from integrations.service.logs import logger
from integrations.service.settings import ServiceSettings
from scoring.errors import CuesmithError, InputError

_STEP_S = 0.2  # the longest it listens without looking whether it is to stop …
_BUSY_STEP_S = 0.02  # … and while tasks are in hand: with four of them it takes no other before one is done with
_HEARTBEAT_S = 30
_RETRY_S = (0.2, 2.0)  # the first and the longest pause before the broker is tried again
_HANDS = 2  # tasks whose films are looked at together
_AT_ONCE = 4  # messages that are held at the same time
_AGAIN_S = 1.0  # before a message that has to come again is given back

Verdict = tuple[Message, bool]  # a message, and whether it is done with


class Listener:
    """Threads that listen for a worker. They install no signal handlers and end with the process."""

    def __init__(
        self,
        settings: ServiceSettings,
        queues: Sequence[str],
        on_ring: Callable[[str], None],
        *,
        database: Database,
        takes_tasks: bool = True,
    ) -> None:
        """on_ring: called with the name of a queue from a thread of the listener's; it must return at once.

        takes_tasks: whether it also takes in what the task API is sent and tells its clients how that gets on.
        Raises InputError for no broker, or one that cannot be one. Connects to nothing.
        """
        self._app = make_app(settings)
        self._queues, self._on_ring = tuple(queues), on_ring
        self._stop = threading.Event()
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._listen_on, name="bell.listener", daemon=True)]
        self._desk: Desk | None = None
        if takes_tasks:
            results = Results(self._app, settings, database)
            self._desk = Desk(settings, database, results.tell)
            self._threads += [
                threading.Thread(target=results.run, args=(self._stop,), name="bell.results", daemon=True),
                *(threading.Thread(target=self._do_work, name=f"bell.hand.{n}", daemon=True) for n in range(_HANDS)),
            ]
        self._node = f"cuesmith-{new_id('ear')[-12:]}@{socket.gethostname()}"
        self._complain = Complaints(__name__, "the bell is not heard, trying again")
        self._is_connected = threading.Event()
        self._in_hand = 0
        self._log = logger(__name__)

    @property
    def is_connected(self) -> bool:
        """Whether the broker is there and rings can be heard."""
        return self._is_connected.is_set()

    def start(self) -> None:
        """Begin to listen; returns at once, whether the broker is there or not."""
        for thread in self._threads:
            thread.start()

    def stop(self, within_s: float = 2.0) -> None:
        """Stop listening. Messages that are not done with go back to the broker, for another worker."""
        self._stop.set()
        until_s = time.monotonic() + within_s
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, until_s - time.monotonic()))
        if self._desk is not None and not any(thread.is_alive() for thread in self._threads):
            self._desk.close()

    def _listen_on(self) -> None:
        pause_s, longest_s = _RETRY_S
        while not self._stop.is_set():
            try:
                self._listen()
            except Exception as error:  # the rim of the thread: a broker fails in more ways than its library names
                was_connected = self._is_connected.is_set()
                self._is_connected.clear()
                pause_s = _RETRY_S[0] if was_connected else min(2 * pause_s, longest_s)
                self._complain(error)
                self._stop.wait(pause_s)
        self._is_connected.clear()

    def _listen(self) -> None:
        """Listen on one connection until told to stop. Raises whatever ends the connection."""
        verdicts: queue.SimpleQueue[Verdict] = queue.SimpleQueue()
        self._in_hand = 0
        connection = connection_of(self._app, _HEARTBEAT_S)
        try:
            connection.connect()
            for consumer in self._consumers(connection, verdicts):
                consumer.consume()
            self._is_connected.set()
            self._log.info("the bell is heard", queues=list(self._queues), tasks=self._desk is not None)
            while not self._stop.is_set():
                with contextlib.suppress(socket.timeout):
                    connection.drain_events(timeout=_BUSY_STEP_S if self._in_hand else _STEP_S)
                self._settle(verdicts)
                connection.heartbeat_check()
            self._settle(verdicts)
        finally:
            with contextlib.suppress(Exception):  # it may be what just broke
                connection.close()

    def _consumers(self, connection: Connection, verdicts: queue.SimpleQueue[Verdict]) -> list[Consumer]:
        # Each on a channel of its own: on one whose messages are all being worked on, nothing else is heard.
        rings = [ring_queue(name) for name in self._queues]
        # A ring is done with when it is heard: should it get lost, workers look by themselves.
        made = [Consumer(connection.channel(), rings, no_ack=True, accept=["json"], on_message=self._on_ring_message)]
        desk = self._desk
        if desk is not None:

            def on_task(message: Message) -> None:
                try:
                    sent = read_message(message)
                except InputError as error:
                    self._log.warning("a message was thrown away", what=error.what)
                    message.ack()
                else:
                    self._in_hand += 1
                    self._work.put(lambda: verdicts.put((message, self._take(desk, sent))))

            made.append(
                Consumer(
                    connection.channel(),
                    [task_queue(self._app)],
                    accept=["json"],
                    on_message=on_task,
                    prefetch_count=_AT_ONCE,
                )
            )
            made.append(self._remote_control(connection, desk))
        return made

    def _remote_control(self, connection: Connection, desk: Desk) -> Consumer:
        def revoke(state: Any, task_id: Any = None, **_: Any) -> dict[str, str]:
            ids = [task_id] if isinstance(task_id, str) else [one for one in task_id or () if isinstance(one, str)]
            self._work.put(lambda: self._revoke(desk, ids))
            return {"ok": f"tasks {ids} flagged as revoked"}

        def ping(state: Any, **_: Any) -> dict[str, str]:
            return {"ok": "pong"}

        mailbox = self._app.control.mailbox(connection)
        channel = connection.channel()
        node = mailbox.Node(self._node, channel=channel, handlers={"revoke": revoke, "ping": ping})

        def on_command(body: Any, message: Message) -> None:
            try:
                if isinstance(body, dict) and body.get("method") in node.handlers:
                    node.handle_message(body, message)
            except Exception as error:  # what a stranger's broadcast says must not end the listening
                self._log.warning("a remote command was not understood", error=type(error).__name__)

        consumer: Consumer = node.Consumer(channel=channel, accept=["json"])
        consumer.register_callback(on_command)
        return consumer

    def _on_ring_message(self, message: Message) -> None:
        name = message.delivery_info.get("routing_key", "").removeprefix("cuesmith.")
        if name in self._queues:
            self._on_ring(name)

    def _do_work(self) -> None:
        while not self._stop.is_set():
            try:
                job = self._work.get(timeout=_STEP_S)
            except queue.Empty:
                continue
            job()

    def _take(self, desk: Desk, sent: Sent) -> bool:
        is_done = desk.take(sent)
        if not is_done:
            self._stop.wait(_AGAIN_S)
        return is_done

    def _revoke(self, desk: Desk, ids: list[str]) -> None:
        try:
            desk.revoke(ids)
        except CuesmithError as error:  # the others who heard it may have more luck
            self._log.warning("a revoke was not carried out", tasks=ids, what=error.what)

    def _settle(self, verdicts: queue.SimpleQueue[Verdict]) -> None:
        """Tell the broker what became of messages: only the thread that listens may speak on its connection."""
        while True:
            try:
                message, is_done = verdicts.get_nowait()
            except queue.Empty:
                return
            self._in_hand -= 1
            if is_done:
                message.ack()
            else:
                message.requeue()
