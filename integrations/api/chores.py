"""What the API does beside answering: sending webhooks, and removing uploads whose time is over."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from integrations.api.desk import Desk
from integrations.jobs.outbox import DatabaseOutbox
from integrations.outbound.client import Client
from integrations.service.logs import logger
from integrations.webhooks.delivery import deliver_due

_LOOK_S = 1.0  # how often it is looked whether a webhook is due
_SWEEP_S = 60.0
_PAUSE_S = 5.0  # after something went wrong


class Chores:
    """One thread of a process. Several processes may have one: no webhook is sent by two of them at once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._outbox = DatabaseOutbox(desk.database, self._count)
        self._client = Client(desk.hooks)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="chores", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, within_s: float = 15.0) -> None:
        """End after the attempts that are being made; what was not recorded then is sent again by whoever is next."""
        self._stop.set()
        self._thread.join(within_s)

    def _run(self) -> None:
        sweep_s = 0.0
        while not self._stop.is_set():
            made = self._tried(self._deliver)
            if time.monotonic() >= sweep_s:
                self._tried(self._desk.reception.sweep)
                sweep_s = time.monotonic() + _SWEEP_S
            if made is None:
                self._stop.wait(_PAUSE_S)
            elif not made:
                self._stop.wait(_LOOK_S)

    def _deliver(self) -> int:
        return deliver_due(self._outbox, self._client, now=lambda: datetime.now(UTC), jitter=random.random)

    def _tried(self, chore: Callable[[], int]) -> int | None:
        """What a chore did; None, and a line in the log, when it broke: the next round tries again."""
        try:
            return chore()
        except Exception:
            logger(__name__).error("a chore broke", chore=chore.__name__, exc_info=True)
            return None

    def _count(self, outcome: str) -> None:
        self._desk.metrics.webhook_tries.labels(outcome=outcome).inc()
