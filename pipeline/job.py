"""One run on one film: what every stage needs, gathered and checked before any work is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from music_engine.engine import MusicEngine
from music_engine.options import AUTO, EngineOptions
from music_engine.registry import choose, make_engine, own_name, stand_ins
from pipeline.delivery.containers import OutputContainer, container_for
from pipeline.delivery.place import choose_place, workspace_folder
from pipeline.given import Given, read_given
from pipeline.known import Known
from pipeline.media.probe import MediaProbe, probe
from pipeline.settings import Settings
from pipeline.sound.loudness import LoudnessTarget, loudness_target
from pipeline.text.read import Words
from pipeline.text.wished import words_wished
from pipeline.watcher import Watcher, choose_watcher
from pipeline.wish import Observer, Wish
from pipeline.workspace import Workspace
from scoring.errors import CheckpointRefused, EngineUnavailable
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
class Players:
    """The engines of a run: the chosen one first, then those that may stand in; none where others composed.

    why: which it is, and the reason, for people. options: what was said about engines. missing: (name, reason) of one
    asked for that could not start.
    """

    engines: tuple[MusicEngine, ...]
    why: str
    options: EngineOptions
    missing: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A film, a wish, and everything decided about them.

    watcher: who reads the pictures. words: what is said in it, as far as somebody wrote
    it down. given: the files the wish names, read. players: the engines, and why these.
    output: the file to write. known: of the film beforehand. film_sha256: of the input file.
    take: which of several takes this is, from 1; None for a run by itself.
    """

    film: MediaProbe
    known: Known
    film_sha256: str
    wish: Wish
    watcher: Watcher
    words: Words | None
    given: Given
    settings: Settings
    target: LoudnessTarget
    players: Players
    output: Path
    container: OutputContainer
    workspace: Workspace
    clock: Clock
    take: int | None = None

    @property
    def owns_workspace(self) -> bool:
        """Whether the workspace's sheet, report and manifest are of this run; of several takes they are the first's."""
        return self.take in (None, 1)

    @property
    def starts_at_s(self) -> float:
        """What the timecode says at the first picture, real seconds since midnight: as wished, else the film's own."""
        return self.film.starts_at_s if self.wish.starts_at_s is None else self.wish.starts_at_s


def open_job(
    video: Path,
    wish: Wish,
    observer: Observer,
    settings: Settings,
    *,
    takes: int | None = None,
    known: Known | None = None,
    players: Players | None = None,
) -> Job:
    """Look at the film and the wish, and refuse now what could only fail later.

    takes: how many are to be made of it; the job is then the first of them. players: chosen for the wish when None.
    Raises an InputError leaf for a film, a name or a place that cannot be used, DiskFull when there is no room.
    """
    target = loudness_target(wish.loudness)
    if wish.style is not None:
        load_style(wish.style)
    given = read_given(wish)
    clock = Clock(observer)
    film = probe(video, settings)
    players = players or choose_players(wish, settings)
    output = choose_place(film, wish, takes)
    container = container_for(output)
    # Last, as they have something to say: an error is to be the only line.
    words = words_wished(film, wish, settings, clock.note)
    known = known or Known()
    watcher = known.watcher or choose_watcher(wish, settings, stage=clock.stage, note=clock.note)
    return Job(
        film=film,
        known=known,
        film_sha256=known.sha256_of(film.path),
        wish=wish,
        watcher=watcher,
        words=words,
        given=given,
        settings=settings,
        target=target,
        players=players,
        output=output,
        container=container,
        workspace=Workspace(workspace_folder(output, film)),
        clock=clock,
        take=None if takes is None else 1,
    )


def choose_players(wish: Wish, settings: Settings) -> Players:
    """The engine to use and those that stand in when it fails on a cue.

    Raises UnknownChoice, or EngineUnavailable or CheckpointRefused when a named engine cannot start and the wish allows
    no other.
    """
    options = wish.engines.over(settings.engines)
    missing = None
    try:
        choice = choose(wish.engine, options)
        engine = make_engine(choice.name, options)
        why = f"{choice.name}: {choice.reason}"
    except (EngineUnavailable, CheckpointRefused) as error:
        if not wish.fallback or wish.engine == AUTO:
            raise
        choice = choose(AUTO, options)
        engine = make_engine(choice.name, options)
        missing = (own_name(wish.engine), error.what)
        why = f"{choice.name} stands in: {error.what}"
    others = (make_engine(name, options) for name in stand_ins(choice.name, options))
    return Players((engine, *others), why, options, missing)
