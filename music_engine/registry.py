"""The table of engines: which there are, which can start here, and which `auto` takes.

Importing this module imports no engine; each is loaded when it is made.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from music_engine.engine import MusicEngine
from scoring.errors import EngineUnavailable, UnknownChoice

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What the settings say about engines. soundfont: for the composer; None takes the best the machine has."""

    soundfont: Path | None = None


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether an engine can start here. reason: why not, or what it would use; for people."""

    ready: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One engine. quality: `auto` takes the highest that is ready.

    check: says without loading it whether it can start. make: loads it. Raises EngineUnavailable.
    """

    name: str
    description: str
    quality: int
    check: Callable[[EngineOptions], Availability]
    make: Callable[[EngineOptions], MusicEngine]


@dataclass(frozen=True, slots=True)
class Choice:
    """The engine that was chosen, and why, for people."""

    name: str
    reason: str


def _check_composer(options: EngineOptions) -> Availability:
    missing = [name for name in ("symusic", "scipy", "mido") if importlib.util.find_spec(name) is None]
    if missing:
        return Availability(False, f"these packages are missing: {', '.join(missing)}")
    soundfont: Any = importlib.import_module("music_engine.composer.soundfont")
    try:
        found = soundfont.find_soundfont(options.soundfont)
    except EngineUnavailable as error:
        return Availability(False, str(error))
    return Availability(True, f"plays {found.path.name}")


def _make_composer(options: EngineOptions) -> MusicEngine:
    engine: Any = importlib.import_module("music_engine.composer.engine")
    composer: MusicEngine = engine.Composer(options.soundfont)
    return composer


ENGINES: Mapping[str, Entry] = {
    entry.name: entry
    for entry in (
        Entry(
            "composer",
            "writes notes and plays them with sampled instruments; exact tempo, stems, MIDI; no download",
            1,
            _check_composer,
            _make_composer,
        ),
    )
}


def engine_names() -> list[str]:
    """The names there are, in alphabetical order, without `auto`."""
    return sorted(ENGINES)


def availability(name: str, options: EngineOptions | None = None) -> Availability:
    """Whether an engine can start here, and why not. Raises UnknownChoice."""
    return _entry(name).check(options or EngineOptions())


def choose(name: str, options: EngineOptions | None = None) -> Choice:
    """Resolves `auto` to the best engine that is ready; another name to itself. Nothing is ever downloaded.

    Raises UnknownChoice for a name there is not, EngineUnavailable for one that cannot start.
    """
    options = options or EngineOptions()
    if name != AUTO:
        state = _entry(name).check(options)
        if not state.ready:
            raise EngineUnavailable(
                f"the engine {name} cannot start: {state.reason}", "Mend that, or use --engine auto"
            )
        return Choice(name, "asked for by name")
    passed_over: list[str] = []
    for entry in sorted(ENGINES.values(), key=lambda entry: -entry.quality):
        state = entry.check(options)
        if state.ready:
            return Choice(entry.name, "; ".join([f"the best that is ready, {state.reason}", *passed_over]))
        passed_over.append(f"{entry.name} cannot start: {state.reason}")
    raise EngineUnavailable(f"no engine can start: {'; '.join(passed_over)}", "Run `cuesmith doctor`")


def make_engine(name: str, options: EngineOptions | None = None) -> MusicEngine:
    """The engine of that name, loaded; `auto` works too. Raises UnknownChoice, EngineUnavailable."""
    options = options or EngineOptions()
    return ENGINES[choose(name, options).name].make(options)


def _entry(name: str) -> Entry:
    if name not in ENGINES:
        raise UnknownChoice.among("engine", name, [*ENGINES, AUTO])
    return ENGINES[name]
