"""One look at a film: what its analysis needs, and nothing that only music needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.given import Given, read_given
from pipeline.job import Clock
from pipeline.known import Known
from pipeline.media.probe import MediaProbe, probe
from pipeline.settings import Settings
from pipeline.text.read import Words
from pipeline.text.wished import words_wished
from pipeline.watcher import Watcher, choose_watcher
from pipeline.wish import Observer, Wish
from pipeline.workspace import Workspace
from scoring.errors import OutputRefused


@dataclass(frozen=True, slots=True)
class Looking:
    """A film to be analysed: the fields of a Job that hearing and spotting read. No engine, no place for a result."""

    film: MediaProbe
    known: Known
    film_sha256: str
    wish: Wish
    watcher: Watcher
    words: Words | None
    given: Given
    settings: Settings
    workspace: Workspace
    clock: Clock


def open_looking(
    video: Path,
    wish: Wish,
    observer: Observer,
    settings: Settings,
    folder: Path | None,
    known: Known | None = None,
) -> Looking:
    """Look at the film before any work is done.

    folder: where its workspace lies or will lie; beside the film when None, where a run without -o has it too.
    Raises an InputError leaf for a film or a place that cannot be used.
    """
    given = read_given(wish)
    film = probe(video, settings)
    place = film.path.parent if folder is None else folder.absolute()
    if not place.is_dir():
        raise OutputRefused(f"there is no folder {place}", "Create it, or choose another")
    clock = Clock(observer)
    known = known or Known()
    watcher = known.watcher or choose_watcher(wish, settings, stage=clock.stage, note=clock.note)
    return Looking(
        film=film,
        known=known,
        film_sha256=known.sha256_of(film.path),
        wish=wish,
        watcher=watcher,
        words=words_wished(film, wish, settings, clock.note),
        given=given,
        settings=settings,
        workspace=Workspace(place / f"{film.path.stem}.cuesmith"),
        clock=clock,
    )
