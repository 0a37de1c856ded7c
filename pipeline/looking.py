"""One look at a film: what its analysis needs, and nothing that only music needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.job import Clock
from pipeline.media.probe import MediaProbe, probe
from pipeline.settings import Settings
from pipeline.text.read import Words
from pipeline.text.wished import words_wished
from pipeline.watcher import Watcher, choose_watcher
from pipeline.wish import Observer, Wish
from pipeline.workspace import Workspace, file_sha256
from scoring.errors import OutputRefused


@dataclass(frozen=True, slots=True)
class Looking:
    """A film to be analysed. It has the fields of a Job that `listen` reads: no engine, no place for a result."""

    film: MediaProbe
    film_sha256: str
    wish: Wish
    watcher: Watcher
    words: Words | None
    settings: Settings
    workspace: Workspace
    clock: Clock


def open_looking(video: Path, wish: Wish, observer: Observer, settings: Settings, folder: Path | None) -> Looking:
    """Look at the film before any work is done.

    folder: where its workspace lies or will lie; beside the film when None, where a run without -o has it too.
    Raises an InputError leaf for a film or a place that cannot be used.
    """
    film = probe(video, settings)
    place = film.path.parent if folder is None else folder.absolute()
    if not place.is_dir():
        raise OutputRefused(f"there is no folder {place}", "Create it, or choose another")
    clock = Clock(observer)
    watcher = choose_watcher(wish, settings, stage=clock.stage, note=clock.note)
    return Looking(
        film=film,
        film_sha256=file_sha256(film.path),
        wish=wish,
        watcher=watcher,
        words=words_wished(film, wish, settings, clock.note),
        settings=settings,
        workspace=Workspace(place / f"{film.path.stem}.cuesmith"),
        clock=clock,
    )
