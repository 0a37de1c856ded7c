"""The table of engines: which there are, which can start here, and which `auto` takes.

Importing this module imports no engine; each is loaded when it is made.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from music_engine.engine import MusicEngine
from music_engine.options import AUTO, EngineOptions
from scoring.errors import EngineUnavailable, InputError, UnknownChoice
from scoring.request import CueRequest

SLOWEST_PACE = 3.0  # seconds of work for a second of film that `auto` puts up with (ARCHITECTURE.md, "Engines")


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether an engine can start here. reason: why not, or what it would use; for people.

    advice: what to do where it is not ready. pace: seconds of work for a second of music, as predicted for here.
    unfit: why `auto` leaves it alone although it can start, "" where it does not.
    """

    ready: bool
    reason: str
    advice: str = ""
    pace: float = 0.0
    unfit: str = ""


def _nothing_alike(request: CueRequest) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One engine. quality: `auto` takes the highest that is ready and fits.

    check: says without loading it whether it can start. make: loads it. Raises EngineUnavailable.
    alike: requests of which it says the same are made faster together than one by one; "" where that gains nothing.
    """

    name: str
    description: str
    quality: int
    check: Callable[[EngineOptions], Availability]
    make: Callable[[EngineOptions], MusicEngine]
    alike: Callable[[CueRequest], str] = _nothing_alike


@dataclass(frozen=True, slots=True)
class Choice:
    """The engine that was chosen, and why, for people."""

    name: str
    reason: str


def _check_composer(options: EngineOptions) -> Availability:
    missing = [name for name in ("symusic", "scipy", "mido") if importlib.util.find_spec(name) is None]
    if missing:
        return Availability(False, f"these packages are missing: {', '.join(missing)}", "pip install cuesmith again")
    soundfont: Any = importlib.import_module("music_engine.composer.soundfont")
    try:
        found = soundfont.find_soundfont(options.soundfont)
    except EngineUnavailable as error:
        return Availability(False, error.what, error.advice)
    return Availability(True, f"plays {found.path.name}")


def _make_composer(options: EngineOptions) -> MusicEngine:
    engine: Any = importlib.import_module("music_engine.composer.engine")
    composer: MusicEngine = engine.Composer(options.soundfont)
    return composer


def _check_ace_step(options: EngineOptions) -> Availability:
    libraries: Any = importlib.import_module("music_engine.ace_step.libraries")
    missing = libraries.missing_libraries()
    if missing:
        reason = f"these packages are missing: {', '.join(missing)}"
        return Availability(False, reason, "pip install 'cuesmith[ace-step]', or let the composer play with --fallback")
    fitness: Any = importlib.import_module("music_engine.ace_step.fitness")
    try:
        found = fitness.look(options)
        unfit = found.too_large
        if not unfit and found.pace > SLOWEST_PACE:
            unfit = f"it would need about {found.pace:.0f} times the film's length here, {SLOWEST_PACE:g} is the most"
        if not unfit:  # what `auto` may take has to start for certain; that takes seconds, which only this is worth
            fitness.try_opening(options)
    except InputError as error:
        return Availability(False, error.what, error.advice)
    return Availability(True, found.description, pace=found.pace, unfit=unfit)


def _make_ace_step(options: EngineOptions) -> MusicEngine:
    engine: Any = importlib.import_module("music_engine.ace_step.engine")
    ace_step: MusicEngine = engine.AceStepV1(options)
    return ace_step


def _alike_ace_step(request: CueRequest) -> str:
    """Those of equal length in frames, segment by segment; what is reworked is made alone."""
    if request.source is not None or request.reference_audio is not None:
        return ""
    orders: Any = importlib.import_module("music_engine.ace_step.cues.orders")
    return "-".join(str(item.frames) for item in orders.items_of([orders.Order.of(request)]))


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
        Entry(
            "ace-step-v1",
            "ACE-Step v1, 3.5 billion parameters, from a checkpoint you have; any genre, sung words; a GPU helps",
            2,
            _check_ace_step,
            _make_ace_step,
            _alike_ace_step,
        ),
    )
}
ALIASES: Mapping[str, str] = {"ace-step-base": "ace-step-v1"}


def engine_names() -> list[str]:
    """The names there are, in alphabetical order, without `auto` and aliases."""
    return sorted(ENGINES)


def availability(name: str, options: EngineOptions | None = None) -> Availability:
    """Whether an engine can start here, and why not. Raises UnknownChoice."""
    return _entry(name).check(options or EngineOptions())


def choose(name: str, options: EngineOptions | None = None) -> Choice:
    """Resolves `auto` to the best engine that is ready and fits this machine; another name to itself.

    Nothing is ever downloaded. Raises UnknownChoice for a name there is not, EngineUnavailable for one that cannot
    start.
    """
    options = options or EngineOptions()
    if name != AUTO:
        entry = _entry(name)
        state = entry.check(options)
        if not state.ready:
            advice = state.advice or "Mend that, or use --engine auto"
            raise EngineUnavailable(f"the engine {entry.name} cannot start: {state.reason}", advice)
        return Choice(entry.name, "asked for by name")
    passed_over: list[str] = []
    for entry in _best_first():
        state = entry.check(options)
        if state.ready and not state.unfit:
            return Choice(entry.name, "; ".join([f"the best that is ready, {state.reason}", *passed_over]))
        passed_over.append(f"{entry.name}: {state.unfit or state.reason}")
    raise EngineUnavailable(f"no engine can start: {'; '.join(passed_over)}", "Run `cuesmith doctor`")


def stand_ins(name: str, options: EngineOptions) -> Sequence[str]:
    """The engines that take over from one that breaks: those below it that are ready, the best first."""
    below = [entry for entry in _best_first() if entry.quality < ENGINES[name].quality]
    return [entry.name for entry in below if (state := entry.check(options)).ready and not state.unfit]


def make_engine(name: str, options: EngineOptions | None = None) -> MusicEngine:
    """The engine of that name, loaded; `auto` works too. Raises UnknownChoice, EngineUnavailable."""
    options = options or EngineOptions()
    return ENGINES[choose(name, options).name].make(options)


def alike(name: str, request: CueRequest) -> str:
    """What requests have in common that an engine makes faster together; "" for a request to be made alone.

    Loads no engine, and needs none on this machine. What `auto` will be is known only where it plays, so it has none.
    Raises UnknownChoice.
    """
    return "" if name == AUTO else _entry(name).alike(request)


def _best_first() -> list[Entry]:
    return sorted(ENGINES.values(), key=lambda entry: -entry.quality)


def own_name(name: str) -> str:
    """The name an engine goes by itself: of an alias, what it stands for. Raises UnknownChoice."""
    return _entry(name).name


def _entry(name: str) -> Entry:
    known = ALIASES.get(name, name)
    if known not in ENGINES:
        raise UnknownChoice.among("engine", name, [*ENGINES, AUTO])
    return ENGINES[known]
