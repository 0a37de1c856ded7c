"""Why jobs would wait: what the service needs beside its database, looked at now and then."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from integrations.service.settings import ServiceSettings
from integrations.storage.storage import Storage
from scoring.errors import CuesmithError

_BROKER_S = 1.0
_KEPT_S = 5.0  # many probes cost one look
_PORTS = {"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671, "pyamqp": 5672}


class Reasons:
    """Of one process; any thread may ask."""

    def __init__(
        self, settings: ServiceSettings, storage: Storage, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings, self._storage, self._clock = settings, storage, clock
        self._found: list[str] = []
        self._until_s = float("-inf")
        self._lock = threading.Lock()

    def look(self) -> list[str]:
        """The reasons, none when all is well; as they were a few seconds ago at most."""
        with self._lock:
            if self._clock() >= self._until_s:
                self._found = [*self._broker(), *self._place()]
                self._until_s = self._clock() + _KEPT_S
            return list(self._found)

    def _broker(self) -> list[str]:
        if self._settings.broker_url is None:
            return []
        url = urlsplit(self._settings.broker_url)
        if url.hostname is None or url.scheme not in _PORTS:
            return []
        try:
            socket.create_connection((url.hostname, url.port or _PORTS[url.scheme]), timeout=_BROKER_S).close()
        except OSError:
            return ["the broker does not answer: workers hear of jobs a little later"]
        return []

    def _place(self) -> list[str]:
        try:
            self._storage.check()
        except CuesmithError:
            return ["the storage cannot be used now"]
        return []
