"""`cuesmith worker`: slots, and an ear for the bell."""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence

from integrations.host.parts import listen_for_bell, open_parts
from integrations.service.logs import logger
from integrations.service.settings import ServiceSettings
from integrations.work.worker import Worker

_STOPS = ("SIGTERM", "SIGINT", "SIGQUIT")


def work(settings: ServiceSettings, queues: Sequence[str], slots: int) -> None:
    """Work until told to stop by SIGTERM, SIGINT or SIGQUIT; then drain and return. Raises as open_parts does."""
    stop = threading.Event()

    def heard(number: int, _frame: object) -> None:
        logger(__name__).info("told to stop", signal=signal.Signals(number).name)
        stop.set()

    for name in _STOPS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), heard)
    parts = open_parts(settings, migrates=settings.database_url.startswith("sqlite"))
    worker = Worker(settings, parts.database, parts.storage, queues, slots, parts.ring)
    worker.start()
    with listen_for_bell(parts, queues, worker.wake):
        stop.wait()
    worker.drain()
    parts.database.close()
