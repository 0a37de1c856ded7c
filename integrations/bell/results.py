"""Telling Celery clients how their jobs are getting on and how they ended: from the rows, so that nothing is forgotten
when a process dies, and again when the place for results was wiped.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from celery import Celery
from celery.app.task import Context
from kombu import Connection

from integrations.bell import books
from integrations.bell.answers import FAILURE, PROGRESS, REVOKED, SUCCESS, Answer, answer_of
from integrations.bell.app import KEPT_S, is_kept
from integrations.bell.complaints import Complaints
from integrations.bell.messages import Sent
from integrations.jobs.database import Database
from integrations.jobs.ids import new_id
from integrations.service.logs import logger
from integrations.service.settings import ServiceSettings
from scoring.errors import CapacityError, CuesmithError

_STEP_S = 0.5
_CANARY = "cuesmith.canary"  # an entry among the results that is gone when they were wiped
_CANARY_STATE = "ALIVE"
_LOOK_S, _RENEW_S = 5.0, 3600.0
_EVENTS = {PROGRESS: "task-progress", SUCCESS: "task-succeeded", FAILURE: "task-failed", REVOKED: "task-revoked"}


class Results:
    """Tells what is due until it is stopped. Several processes may: a task is told of by one at a time."""

    def __init__(self, app: Celery, settings: ServiceSettings, database: Database) -> None:
        self._app, self._settings, self._database = app, settings, database
        self._teller = new_id("teller")
        self._is_kept = is_kept(settings)
        self._looked_s = self._renewed_s = float("-inf")
        self._events: Connection | None = None
        self._complain = Complaints(__name__, "results cannot be told now, they will be")
        self._log = logger(__name__)

    def run(self, stop: threading.Event) -> None:
        """Tell and wait, until told to stop."""
        while not stop.wait(_STEP_S):
            try:
                self.tell_due()
            except Exception as error:  # the rim of the thread: every client would wait for ever without it
                self._complain(error)
        self._drop_events()
        pool = getattr(getattr(self._app.backend, "client", None), "connection_pool", None)
        if pool is not None:  # of Redis; the other kinds close what they open
            pool.disconnect()

    def tell_due(self) -> int:
        """Tell whoever is to be told something; how many. Raises what the database and the place for results raise."""
        if self._is_kept:
            self._watch_canary()
        due = books.take_due(self._database, self._teller)
        for each in due:
            answer = answer_of(each.job, self._settings.storage_url)
            self._store(each.task_id, each.reply_to, answer)
            if books.settle(self._database, self._teller, each, is_over=answer.is_last):
                self._send_events(each, answer)
        return len(due)

    def tell(self, sent: Sent, answer: Answer) -> None:
        """Answer a client of whose task no job came. Raises CapacityError when the place for results does not."""
        try:
            self._store(sent.id, sent.reply_to, answer)
        except CuesmithError:
            raise
        except Exception as error:  # of whichever library keeps the results
            raise CapacityError(
                f"the place for results does not answer ({type(error).__name__})", "Try again"
            ) from error

    def _store(self, task_id: str, reply_to: str | None, answer: Answer) -> None:
        request = Context(id=task_id, reply_to=reply_to, correlation_id=task_id)
        self._app.backend.store_result(task_id, answer.result, answer.state, request=request)

    def _watch_canary(self) -> None:
        now_s = time.monotonic()
        if now_s - self._looked_s < _LOOK_S:
            return
        backend: Any = self._app.backend
        is_there = backend.get_task_meta(_CANARY, cache=False)["status"] == _CANARY_STATE
        if not is_there:
            books.tell_all_again(self._database, KEPT_S)
        if not is_there or now_s - self._renewed_s > _RENEW_S:
            backend.store_result(_CANARY, None, _CANARY_STATE)
            self._renewed_s = now_s
        self._looked_s = now_s

    def _send_events(self, due: books.Due, answer: Answer) -> None:
        """Celery's events, for who watches them; a hint like a ring, and lost like one."""
        job = due.job
        fields: dict[str, Any] = {"uuid": due.task_id, "name": due.name}
        if job is not None:
            fields |= {"job_id": job.id, "state": job.state, "progress": job.progress}
        try:
            if self._events is None:
                self._events = self._app.connection_for_write()
            with self._app.events.Dispatcher(self._events, buffer_while_offline=False) as dispatcher:
                if due.told == 0:
                    dispatcher.send("task-received", **fields)
                dispatcher.send(_EVENTS[answer.state], **fields)
        except Exception as error:  # the broker is away; the result was stored, and nothing else waits for an event
            self._drop_events()
            self._log.debug("an event was not sent", task=due.task_id, error=type(error).__name__)

    def _drop_events(self) -> None:
        connection, self._events = self._events, None
        if connection is not None:
            try:
                connection.close()
            except Exception as error:  # it is gone already, which is why it is dropped
                self._log.debug("a connection did not close", error=type(error).__name__)
