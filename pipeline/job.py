"""One run on one film: what every stage needs, gathered and checked before any work is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from music_engine.engine import MusicEngine
from music_engine.registry import EngineOptions, choose, engine_names, make_engine
from pipeline.delivery.containers import OutputContainer, container_for
from pipeline.delivery.place import choose_place, workspace_folder
from pipeline.given import Given, read_given
from pipeline.media.probe import MediaProbe, probe
from pipeline.settings import Settings
from pipeline.sound.loudness import LoudnessTarget, loudness_target
from pipeline.wish import Observer, Wish
from pipeline.workspace import Workspace, file_sha256
from scoring.errors import EngineUnavailable
from scoring.style import load_style


class Clock:
    """An observer that passes everything on and notes how long each stage took, seconds."""

    def __init__(self, observer: Observer, now: Callable[[], float] = time.monotonic) -> None:
        self._observer = observer
        self._now = now
        self._running: tuple[str, float] | None = None
        self.stages_s: dict[str, float] = {}
        self.notes: list[str] = []

    def stage(self, name: str) -> Callable[[float], None]:
        """A stage begins, and with it the one before ends."""
        self.stop()
        self._running = (name, self._now())
        return self._observer.stage(name)

    def stop(self) -> None:
        """The last stage ends."""
        if self._running is not None:
            name, since_s = self._running
            self.stages_s[name] = self.stages_s.get(name, 0.0) + self._now() - since_s
            self._running = None

    def note(self, text: str) -> None:
        """Something the user should know; it stands in the report too."""
        self.notes.append(text)
        self._observer.note(text)


@dataclass(frozen=True, slots=True)
class Job:
    """A film, a wish, and everything decided about them.

    given: the files the wish names, read. engines: the chosen one first, then those that may stand in.
    why: which engine, and the reason.
    output: the file to write. film_sha256: of the input file.
    take: which of several takes this is, from 1; None for a run by itself.
    """

    film: MediaProbe
    film_sha256: str
    wish: Wish
    given: Given
    settings: Settings
    target: LoudnessTarget
    engines: tuple[MusicEngine, ...]
    why: str
    output: Path
    container: OutputContainer
    workspace: Workspace
    clock: Clock
    take: int | None = None

    @property
    def owns_workspace(self) -> bool:
        """Whether the workspace's sheet, report and manifest are of this run; of several takes they are the first's."""
        return self.take in (None, 1)


def open_job(video: Path, wish: Wish, observer: Observer, settings: Settings, *, takes: int | None = None) -> Job:
    """Look at the film and the wish, and refuse now what could only fail later.

    takes: how many are to be made of it; the job is then the first of them.
    Raises an InputError leaf for a film, a name or a place that cannot be used, DiskFull when there is no room.
    """
    target = loudness_target(wish.loudness)
    if wish.style is not None:
        load_style(wish.style)
    given = read_given(wish)
    film = probe(video, settings)
    engines, why = choose_engines(wish, settings)
    output = choose_place(film, wish, takes)
    return Job(
        film=film,
        film_sha256=file_sha256(film.path),
        wish=wish,
        given=given,
        settings=settings,
        target=target,
        engines=engines,
        why=why,
        output=output,
        container=container_for(output),
        workspace=Workspace(workspace_folder(output, film)),
        clock=Clock(observer),
        take=None if takes is None else 1,
    )


def choose_engines(wish: Wish, settings: Settings) -> tuple[tuple[MusicEngine, ...], str]:
    """The engine to use, then those that stand in when it fails on a cue; and which it is and why, for people.

    Raises UnknownChoice, or EngineUnavailable when a named engine cannot start and the wish allows no other.
    """
    options = EngineOptions(soundfont=settings.soundfont)
    try:
        choice = choose(wish.engine, options)
        why = f"{choice.name}: {choice.reason}"
    except EngineUnavailable as error:
        if not wish.fallback:
            raise
        choice = choose("auto", options)
        why = f"{choice.name} stands in: {error.what}"
    others = [name for name in engine_names() if name != choice.name]
    return tuple(make_engine(name, options) for name in [choice.name, *others]), why
