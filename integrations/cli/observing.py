"""Who hears how a run is getting on: bars on the terminal, nobody, or whoever started this process for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.wish import Observer

_listener: ContextVar[Observer | None] = ContextVar("listener", default=None)


@contextmanager
def observing(*, silent: bool) -> Iterator[Observer | None]:
    """The observer of a run on the terminal; none when it is to be silent and nobody else listens."""
    listener = _listener.get()
    if listener is not None or silent:
        yield listener
        return
    from integrations.cli.progress import Bars

    with Bars() as bars:
        yield bars


@contextmanager
def heard_by(listener: Observer) -> Iterator[None]:
    """Runs inside the block tell this one, and draw nothing."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
