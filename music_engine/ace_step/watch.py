"""How a piece of work is followed from outside: the share done upwards, the wish to stop downwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from scoring.errors import Cancelled


@dataclass(frozen=True, slots=True)
class Watch:
    """progress: called with the share done, of which this covers begin to end. cancelled: whether to stop."""

    progress: Callable[[float], None]
    cancelled: Callable[[], bool]
    begin: float = 0.0
    end: float = 1.0

    def check(self) -> None:
        """Raises Cancelled when told to stop."""
        if self.cancelled():
            raise Cancelled("composing was stopped")

    def tell(self, share: float) -> None:
        """So much of this part is done, 0..1. Raises Cancelled when told to stop."""
        self.check()
        self.progress(self.begin + share * (self.end - self.begin))

    def tell_count(self, done: int, total: int) -> None:
        """So many of so many are done. Raises Cancelled."""
        self.tell(done / total)

    def part(self, begin: float, end: float) -> Watch:
        """A watch over a part of this one, shares of it."""
        span = self.end - self.begin
        return replace(self, begin=self.begin + begin * span, end=self.begin + end * span)
