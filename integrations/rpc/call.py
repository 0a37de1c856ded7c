"""One call while it lasts: whether it is still wanted, how far it is, and when its place becomes free."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

import grpc

from scoring.errors import Cancelled

STALLED_S = 5.0  # a call that is over but sits in a send that its client never takes is cut off this much later


class Call:
    """longest_s: how long it may last, whatever its client says. free: called once, when client and engine are done.

    clock: monotonic seconds.
    """

    def __init__(
        self, context: grpc.ServicerContext, longest_s: float, clock: Callable[[], float], free: Callable[[], None]
    ) -> None:
        left_s = context.time_remaining()  # None: the client set no deadline
        self._clock = clock
        self._until_s = clock() + min(longest_s, math.inf if left_s is None else left_s)
        self._gone = threading.Event()
        self._free = free
        self._lock = threading.Lock()
        self._here = 2  # the client and the engine
        self._share = 0.0
        # A client that takes nothing keeps a send waiting for ever; nothing but ending the call from outside frees it.
        self._timer = threading.Timer(longest_s + STALLED_S, context.cancel)
        self._timer.daemon = True
        self._timer.start()
        if not context.add_callback(self._client_left):
            self._client_left()  # it had gone before we began

    @property
    def share(self) -> float:
        """How far the engine is, 0..1; never falls."""
        return self._share

    @property
    def is_late(self) -> bool:
        """Whether its time is up: the client's deadline or the server's own limit."""
        return self._clock() >= self._until_s

    def progress(self, share: float) -> None:
        """For the engine: how far it is."""
        self._share = max(self._share, min(share, 1.0))

    def is_unwanted(self) -> bool:
        """For the engine: whether to stop at the next step."""
        return self._gone.is_set() or self.is_late

    def check(self) -> None:
        """Raises Cancelled where nobody waits for the answer any more."""
        if self.is_unwanted():
            raise Cancelled("the deadline passed" if self.is_late else "the client has gone")

    def engine_left(self) -> None:
        """The engine is done, or was never begun with."""
        self._leave()

    def _client_left(self) -> None:
        self._timer.cancel()
        self._gone.set()
        self._leave()

    def _leave(self) -> None:
        with self._lock:
            self._here -= 1
            is_last = self._here == 0
        if is_last:
            self._free()
