"""What a run would do, found out without writing anything: nothing is decoded, composed, downloaded or kept."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from music_engine.registry import availability
from pipeline.delivery.place import (
    COMPARISON_CLIP,
    COMPARISON_PAGE,
    beside,
    beside_all,
    needed_bytes,
    planned_place,
    take_place,
    workspace_folder,
)
from pipeline.forecast import Forecast, Work, earlier_runs, forecast
from pipeline.given import Given, read_given
from pipeline.job import Clock, Players, choose_players
from pipeline.known import Known
from pipeline.listen import Heard, analysis_key, listen
from pipeline.looking import Looking
from pipeline.media.probe import MediaProbe, probe
from pipeline.models.catalogue import model_named
from pipeline.models.store import find
from pipeline.publish import check_room
from pipeline.settings import Settings
from pipeline.slowness import slowness
from pipeline.sound.alone import SUFFIX as MUSIC_SUFFIX
from pipeline.sound.loudness import loudness_target
from pipeline.stages.requests import requests_of
from pipeline.stages.take import take_key
from pipeline.takes.sheets import make_sheets
from pipeline.text.wished import words_wished
from pipeline.watcher import CLIP, Watcher, choose_watcher
from pipeline.wish import Silent, Wish
from pipeline.workspace import Workspace, file_sha256
from scoring.cue_sheet import CueSheet
from scoring.errors import OutputRefused
from scoring.style import load_style
from vision.clip.catalogue import DEFAULT, encoder_card, encoders


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run would do.

    results: the files and folders that it would write; replaced: those that are there already. analyser, engine: which,
    and why. downloads: what would be fetched first. sheet: the cues, None where only watching the film would tell;
    kept_cues: ids of those whose music is in the workspace already. notes: what the run would say.
    """

    film: MediaProbe
    file_bytes: int
    results: tuple[Path, ...]
    replaced: tuple[Path, ...]
    workspace: Path
    analyser: str
    analysis_is_kept: bool
    engine: str
    sheet: CueSheet | None
    kept_cues: tuple[str, ...]
    downloads: tuple[str, ...]
    needed_bytes: int
    free_bytes: int
    notes: tuple[str, ...]
    forecast: Forecast


def preview(video: Path, wish: Wish, settings: Settings, *, takes: int | None = None) -> Preview:
    """Look at the film, the wish and the workspace. takes: how many would be made, None for a run by itself.

    What a run would refuse before its work is refused here, by the same errors.
    """
    loudness_target(wish.loudness)
    if wish.style is not None:
        load_style(wish.style)
    given = read_given(wish)
    film = probe(video, settings)
    players = choose_players(wish, settings)
    output = planned_place(film, wish, takes)
    _check_folder(output.parent, needed_bytes(film, takes))
    notes = Clock(Silent())
    words = words_wished(film, wish, settings, notes.note)
    folder = workspace_folder(output, film)
    downloads = _downloads(wish, settings)
    watcher = None if downloads else choose_watcher(wish, settings, stage=notes.stage, note=notes.note)
    found = _Found()
    # Reading a whole film to tell it from others is only worth it where there is something of it.
    if watcher is not None and (folder / "analysis.json").is_file():
        sha256, place = file_sha256(film.path), Workspace(folder)
        looking = Looking(film, Known(), sha256, wish, watcher, words, given, settings, place, notes)
        found = _look(looking, players, takes)
    results = _results(output, folder, wish, takes)
    work = _work(film, found, given, takes, players, watcher)
    return Preview(
        film=film,
        file_bytes=film.path.stat().st_size,
        results=results,
        replaced=tuple(path for path in results if path.exists() and path != folder),
        workspace=folder,
        analyser=f"{CLIP}, once its weights are here" if watcher is None else watcher.why,
        analysis_is_kept=found.is_kept,
        engine=players.why,
        sheet=found.sheets[0] if found.sheets else given.sheet,
        kept_cues=found.kept_cues,
        downloads=downloads,
        needed_bytes=needed_bytes(film, takes),
        free_bytes=shutil.disk_usage(output.parent).free,
        notes=tuple(notes.notes),
        forecast=forecast(work, earlier_runs(output.parent), slowness=slowness()),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What a workspace holds that a run would use. sheets: one per take. kept_s: seconds of music that are there."""

    is_kept: bool = False
    sheets: tuple[CueSheet, ...] = ()
    kept_cues: tuple[str, ...] = ()
    kept_s: float = 0.0


def _look(looking: Looking, players: Players, takes: int | None) -> _Found:
    """Whatever of the workspace is of this very film and these very wishes."""
    if looking.workspace.analysis(analysis_key(looking)) is None:
        return _Found()
    heard = listen(looking)
    sheets = tuple(one.sheet for one in make_sheets(looking, heard.analysis, takes or 1))
    kept = [_kept_cues(sheet, heard, looking, players) for sheet in sheets]
    kept_s = sum(cue.duration_s for sheet, ids in zip(sheets, kept, strict=True) for cue in sheet.cues if cue.id in ids)
    return _Found(True, sheets, tuple(kept[0]), kept_s)


def _kept_cues(sheet: CueSheet, heard: Heard, looking: Looking, players: Players) -> list[str]:
    """Ids of the cues whose takes are there."""
    engine = players.engines[0]
    requests = requests_of(sheet, heard.speech_to_clear(looking.wish))
    return [
        request.cue_id
        for request in requests
        if looking.workspace.take(request.cue_id, take_key(request, engine)) is not None
    ]


def _work(
    film: MediaProbe, found: _Found, given: Given, takes: int | None, players: Players, watcher: Watcher | None
) -> Work:
    """What there is to do. Where no cues are known yet, there is music throughout."""
    count = takes or 1
    if found.sheets:
        music_s = sum(cue.duration_s for sheet in found.sheets for cue in sheet.cues) - found.kept_s
    elif given.sheet is not None:
        music_s = count * sum(cue.duration_s for cue in given.sheet.cues)
    else:
        music_s = count * film.info.duration_s
    return Work(
        film=film.info,
        file_bytes=film.path.stat().st_size,
        music_s=music_s,
        analysis_is_kept=found.is_kept,
        pace=availability(players.engines[0].name, players.options).pace,
        reads_clip=watcher is None or watcher.kind == CLIP,
        takes=count,
        compared=takes is not None,
    )


def _results(output: Path, workspace: Path, wish: Wish, takes: int | None) -> tuple[Path, ...]:
    """Every file and folder that a run would leave."""
    films = [output] if takes is None else [take_place(output, number) for number in range(1, takes + 1)]
    beside_each = [".report.json", ".report.html", *([".cues.json"] if takes is not None else [])]
    beside_each += [*([".stems"] if wish.stems else []), *([MUSIC_SUFFIX] if wish.music else [])]
    of_films = [path for film in films for path in (film, *(beside(film, suffix) for suffix in beside_each))]
    of_all = [] if takes is None else [beside_all(output, suffix) for suffix in (COMPARISON_PAGE, COMPARISON_CLIP)]
    return (*of_films, *of_all, workspace)


def _downloads(wish: Wish, settings: Settings) -> tuple[str, ...]:
    """What a run would fetch before anything else: the weights of CLIP, where it is asked for by name."""
    named = wish.encoder or settings.encoder or DEFAULT
    if (wish.analyser or settings.analyser) != CLIP or Path(named).expanduser().is_dir() or named not in encoders():
        return ()
    if find(encoder_card(named), settings) is not None:
        return ()
    size_bytes = model_named(named).expected_bytes
    return (f"{named}, {size_bytes / 1e6:.0f} MB" if size_bytes else named,)


def _check_folder(folder: Path, room_bytes: int) -> None:
    """What choose_place finds out by writing, as far as that can be told without."""
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputRefused(f"nothing can be written into {folder}", "Choose another place with -o")
    check_room(folder, room_bytes)
