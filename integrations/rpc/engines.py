"""The engines that calls share: each loaded once, and one call at a time where an engine bears no more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from music_engine.engine import MusicEngine
from music_engine.options import AUTO, EngineOptions
from music_engine.registry import choose, make_engine, own_name
from scoring.errors import Cancelled

# Engines that keep nothing between two steps of a cue; every other one holds buffers that two calls would share.
SEVERAL_AT_ONCE = frozenset({"composer"})
_LOOK_S = 0.2  # how often somebody who waits for an engine looks whether still to


class Engines:
    """options: of the settings. make: loads an engine by its own name."""

    def __init__(self, options: EngineOptions, make: Callable[[str, EngineOptions], MusicEngine] = make_engine) -> None:
        self._options = options
        self._make = make
        self._loading = threading.Lock()
        self._loaded: dict[str, MusicEngine] = {}
        self._turns: dict[str, threading.Lock] = {}

    def get(self, name: str) -> MusicEngine:
        """The engine of a name, an alias, or `auto` for "". Raises UnknownChoice, EngineUnavailable."""
        asked = name or AUTO
        wanted = asked if asked == AUTO else own_name(asked)
        with self._loading:  # loading twice at once would cost the memory twice
            if wanted not in self._loaded:
                chosen = choose(wanted, self._options).name
                if chosen not in self._loaded:
                    self._loaded[chosen] = self._make(chosen, self._options)
                self._loaded[wanted] = self._loaded[chosen]
            return self._loaded[wanted]

    @contextmanager
    def turn(self, engine: MusicEngine, cancelled: Callable[[], bool]) -> Iterator[None]:
        """Holds the engine for one call where it bears no more. Raises Cancelled where nobody waits any longer."""
        if engine.name in SEVERAL_AT_ONCE:
            yield
            return
        with self._loading:
            lock = self._turns.setdefault(engine.name, threading.Lock())
        while not lock.acquire(timeout=_LOOK_S):
            if cancelled():
                raise Cancelled("composing was stopped before it began")
        try:
            yield
        finally:
            lock.release()
