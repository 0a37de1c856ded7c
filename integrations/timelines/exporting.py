"""`cuesmith export`: a scored film's workspace in, timelines and cue sheets for other programs out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scoring.errors import OutputRefused, UnknownChoice

if TYPE_CHECKING:
    from integrations.timelines.film_timeline import FilmTimeline, Start
    from pipeline.project import Project
    from pipeline.settings import Settings

FOLDER = ".timelines"
_ROOM = "integrations.timelines"
# format → what its file's name ends with, the module and the function that write it.
_TIMELINES = {
    "otio": (".otio", "otio_file", "write_otio"),
    "fcpxml": (".fcpxml", "fcpxml", "write_fcpxml"),
    "fcp7xml": (".xml", "fcp7xml", "write_fcp7xml"),
    "edl": (".edl", "edl", "write_edl"),
}
_DOCUMENTS = {
    "midi": (".mid", "midi_file", "write_midi"),
    "csv": (".cues.csv", "csv_file", "write_csv"),
    "pdf": (".cues.pdf", "pdf_file", "write_pdf"),
}
_MARKERS = ".markers.edl"


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, in order, and what the formats could not hold, for people."""

    files: tuple[Path, ...]
    losses: tuple[str, ...]


def formats() -> tuple[str, ...]:
    """Every format there is."""
    return (*_TIMELINES, *_DOCUMENTS)


def export(
    project_folder: Path,
    wanted: Sequence[str],
    out_folder: Path | None = None,
    *,
    start: str | None = None,
    with_stems: bool | None = None,
    settings: Settings | None = None,
) -> Exported:
    """Write a scored film in formats of other programs.

    project_folder: the workspace, `film.cuesmith`, or the film beside it. wanted: names from formats().
    out_folder: made where there is none; `film.timelines` beside the finished film by default.
    start: the label of the first picture, "01:00:00:00"; the film's own timecode by default.
    with_stems: on muted tracks; where there are some by default.
    The music by itself is written too where a timeline needs it and it does not lie beside the finished film.
    Raises ProjectMissing, UnknownChoice, InputError for a start that does not fit, OutputRefused, DiskFull.
    """
    from integrations.timelines.film_timeline import timeline_start
    from pipeline.project import open_project, workspace_of

    for name in wanted:
        if name not in formats():
            raise UnknownChoice.among("timeline format", name, list(formats()))
    project = open_project(workspace_of(project_folder))
    begins = timeline_start(project, start)
    place = _folder(project, out_folder) / project.name
    chosen = [name for name in formats() if name in wanted]
    made = Exported((), ())
    if any(name in _TIMELINES for name in chosen):
        made = _timelines(project, chosen, place, begins, with_stems, settings)
    for name in chosen:
        if name in _DOCUMENTS:
            made = _and(made, *_document(project, name, place, start))
    return made


def _folder(project: Project, wanted: Path | None) -> Path:
    """Where everything goes; made, for it is named after the film and nothing else is in it."""
    from pipeline.project import music_place
    from pipeline.publish import check_writable, refusing
    from pipeline.sound.alone import SUFFIX

    beside = music_place(project)
    folder = wanted or beside.with_name(beside.name.removesuffix(SUFFIX) + FOLDER)
    folder = folder.absolute()
    if folder.exists() and not folder.is_dir():
        raise OutputRefused(f"{folder} is a file", "Name a folder with --out")
    with refusing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    check_writable(folder)
    return folder


def _timelines(
    project: Project,
    chosen: Sequence[str],
    place: Path,
    start: Start,
    with_stems: bool | None,
    settings: Settings | None,
) -> Exported:
    from integrations.timelines.film_timeline import film_timeline

    music, made = _music(project, place, start, settings)
    own = start.film_frame if project.music is not None else start.frame
    timeline = film_timeline(project, start, music, own, with_stems)
    made = _and(made, (), timeline.losses)
    for name in chosen:
        if name in _TIMELINES:
            made = _and(made, *_timeline(timeline, name, place))
    return made


def _music(project: Project, place: Path, start: Start, settings: Settings | None) -> tuple[Path, Exported]:
    """The music by itself: as it lies beside the finished film, or written now, stamped with the timeline's start."""
    from pipeline.project import write_music

    if project.music is not None:
        return project.music, Exported((), ())
    path = write_music(project, _named(place, ".music.wav"), start.real_s, settings)
    return path, Exported((path,), ())


def _timeline(timeline: FilmTimeline, name: str, place: Path) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    suffix, module, function = _TIMELINES[name]
    path = _named(place, suffix)
    losses = _writer(module, function)(timeline, path)
    if name != "edl":
        return (path,), losses
    files, told = _writer(module, "write_marker_edls")(timeline, _named(place, _MARKERS))
    return (path, *files), (*losses, *told)


def _document(project: Project, name: str, place: Path, label: str | None) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    suffix, module, function = _DOCUMENTS[name]
    path = _named(place, suffix)
    return (path,), _writer(module, function)(project, path, start=label)


def _writer(module: str, function: str) -> Callable[..., Any]:
    """A format's writer, looked up when it is needed: each brings a library of its own."""
    writer: Callable[..., Any] = getattr(import_module(f"{_ROOM}.{module}"), function)
    return writer


def _named(place: Path, suffix: str) -> Path:
    return place.with_name(place.name + suffix)


def _and(made: Exported, files: Sequence[Path], losses: Sequence[str]) -> Exported:
    new = [loss for loss in losses if loss not in made.losses]
    return Exported((*made.files, *files), (*made.losses, *new))
