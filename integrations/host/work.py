"""`cuesmith worker`: slots, and an ear for the bell."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence

from integrations.host.parts import listen_for_bell, open_parts
from integrations.service.logs import logger
from integrations.service.settings import ServiceSettings
from integrations.work.worker import Worker

_STOPS = ("SIGTERM", "SIGINT", "SIGQUIT")
_LOOK_S = 0.2


def work(settings: ServiceSettings, queues: Sequence[str], slots: int) -> None:
    """Work until told to stop by SIGTERM, SIGINT or SIGQUIT; then drain and return. Raises as open_parts does."""
    # No event: the system may hand the signal to another thread, and a main thread that waits without a limit is then
    # never woken to run its handler.
    told: list[int] = []

    def heard(number: int, _frame: object) -> None:
        told.append(number)

    for name in _STOPS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), heard)
    parts = open_parts(settings, migrates=settings.database_url.startswith("sqlite"))
    worker = Worker(settings, parts.database, parts.storage, queues, slots, parts.ring)
    worker.start()
    with listen_for_bell(parts, queues, worker.wake):
        while not told:
            time.sleep(_LOOK_S)
    logger(__name__).info("told to stop", signal=signal.Signals(told[0]).name)
    worker.drain()
    parts.close()
