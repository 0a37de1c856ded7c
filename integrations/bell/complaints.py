"""Saying that something outside does not work, without saying it all the time."""

from __future__ import annotations

import time

from integrations.service.logs import logger, without_secrets

_QUIET_S = 60.0  # between two complaints about the same
_MOST = 200  # characters of somebody else's message


class Complaints:
    """Logs a warning at most once a minute, with what the library said and without the passwords that it said."""

    def __init__(self, name: str, event: str) -> None:
        """name: of the module that complains. event: what does not work, and what happens instead."""
        self._log, self._event = logger(name), event
        self._last_s = float("-inf")

    def __call__(self, error: Exception) -> None:
        """Complain, unless that was done a moment ago."""
        now_s = time.monotonic()
        if now_s - self._last_s >= _QUIET_S:
            self._last_s = now_s
            self._log.warning(self._event, error=type(error).__name__, what=without_secrets(str(error))[:_MOST])
