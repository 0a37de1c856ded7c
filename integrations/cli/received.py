"""A service's results, put where `cuesmith score` would have put them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from pipeline.publish import check_writable, refusing, write_text
from scoring.errors import CuesmithError, OutputRefused

# How the service names results of one take, and of take N of several.
_VIDEO = re.compile(r"film\.scored(?:\.take(\d+))?(\.[a-z0-9]+)")
_REPORT = re.compile(r"(?:film\.take(\d+)\.)?report\.(json|html)")
_STEM = re.compile(
    r"(?:take(\d+)\.)?stems/((?:[\w -]+/)?[\w -]+\.flac)"
)  # no path of a server's leads out of the folder
_MUSIC = re.compile(r"film(?:\.take(\d+))?(\.music\.wav)")
_SHEET = re.compile(r"cues(?:\.take(\d+))?\.json")
_TOGETHER = re.compile(r"film(\.takes\.(?:html|mp4))")


class Shelf(Protocol):
    """Where a job's files are fetched from: the client of a server, or the storage itself."""

    def download_file(self, file: Any, to: Path, /) -> Path:
        """Write one of Finished.files to a path, complete or not at all; the path."""


class Finished(Protocol):
    """A job that has succeeded. files: each has a name."""

    @property
    def id(self) -> str:
        """The job's."""

    @property
    def files(self) -> Sequence[Any]:
        """What it made."""

    @property
    def notes(self) -> Sequence[str]:
        """What people should know of it."""


@dataclass(frozen=True, slots=True)
class Received:
    """videos, reports: by take, of one take alone under 1. page: of several takes. workspace: holds the cue sheets.

    music: by itself, of each take, where it was asked for.
    """

    videos: dict[int, Path]
    reports: dict[int, Path]
    workspace: Path
    stems: tuple[Path, ...] = ()
    page: Path | None = None
    notes: tuple[str, ...] = ()
    music: tuple[Path, ...] = ()

    def rows(self) -> Iterator[tuple[str, Path]]:
        """(what it is, where it is), for people."""
        yield from (("video", path) for path in self.videos.values())
        yield from (("report", path) for path in self.reports.values())
        yield "workspace", self.workspace
        yield from (("music", path) for path in self.music)
        yield from (("stems", path) for path in sorted({path.parent for path in self.stems}) if path.suffix == ".stems")
        if self.page is not None:
            yield "page", self.page

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "videos": [str(path) for path in self.videos.values()],
            "reports": [str(path) for path in self.reports.values()],
            "workspace": str(self.workspace),
            "stems": [str(path) for path in self.stems],
            "music": [str(path) for path in self.music],
            "page": None if self.page is None else str(self.page),
            "notes": list(self.notes),
        }


def check_place(film: Path, output: Path | None) -> None:
    """Refuse now what could only fail after the work. Raises OutputRefused."""
    folder = _place(film, output, film.suffix).parent
    if not folder.is_dir():
        raise OutputRefused(f"there is no folder {folder}", "Create it, or choose another place with -o")
    if output is not None and output.exists() and film.exists() and output.samefile(film):
        raise OutputRefused(f"{output} is the film itself", "Choose another name with -o")
    check_writable(folder)


def receive(client: Shelf, job: Finished, film: Path, output: Path | None) -> Received:
    """Fetch a job's results, the finished film last: where it is, all is there.

    Raises CuesmithError when there is no film among them, what the client raises.
    """
    found = {file.name: match for file in job.files if (match := _VIDEO.fullmatch(file.name))}
    if not found:
        raise CuesmithError(f"the job {job.id} has no film", "Ask whoever runs the service")
    from pipeline.delivery.place import beside, beside_all, take_place

    match = next(iter(found.values()))
    place = _place(film, output, match[2]).absolute()
    notes = [] if output is None or output.is_dir() or place.suffix == output.suffix else [f"it is a {match[2]} file"]
    is_alone = match[1] is None

    def of_take(number: str | None) -> Path:
        return place if is_alone else take_place(place, int(number or 1))

    workspace = place.parent / f"{film.stem}.cuesmith"
    _keep_sheets(client, job, workspace)
    reports: dict[int, Path] = {}
    stems: list[Path] = []
    music: list[Path] = []
    together: dict[str, Path] = {}
    for file in job.files:
        if named := _REPORT.fullmatch(file.name):
            path = client.download_file(file, beside(of_take(named[1]), f".report.{named[2]}"))
            if named[2] == "json":
                reports[int(named[1] or 1)] = path
        elif named := _STEM.fullmatch(file.name):
            path = beside(of_take(named[1]), ".stems") / named[2]
            with refusing(path):
                path.parent.mkdir(parents=True, exist_ok=True)
            stems.append(client.download_file(file, path))
        elif named := _MUSIC.fullmatch(file.name):
            music.append(client.download_file(file, beside(of_take(named[1]), named[2])))
        elif named := _TOGETHER.fullmatch(file.name):
            together[file.name] = client.download_file(file, beside_all(place, named[1]))
    first = min((one[1] for one in found.values()), key=lambda number: int(number or 1))
    _keep_facts(client, job, workspace, film, of_take(first), stems, music)
    page = next((path for path in together.values() if path.suffix == ".html"), None)
    if page is not None:
        names = {name: of_take(one[1]).name for name, one in found.items()}
        _rename(page, names | {name: path.name for name, path in together.items()})
    films = {int(one[1] or 1): (file, one[1]) for file in job.files if (one := found.get(file.name))}
    videos = {number: client.download_file(file, of_take(said)) for number, (file, said) in films.items()}
    videos, reports = dict(sorted(videos.items())), dict(sorted(reports.items()))
    return Received(videos, reports, workspace, tuple(stems), page, (*notes, *job.notes), tuple(music))


def _place(film: Path, output: Path | None, suffix: str) -> Path:
    if output is None or output.is_dir():
        return (output or film.parent) / f"{film.stem}.scored{suffix}"
    return output.with_suffix(suffix)


def _keep_sheets(client: Shelf, job: Finished, folder: Path) -> None:
    from pipeline.workspace import Workspace

    workspace = Workspace(folder)
    for file in job.files:
        if (named := _SHEET.fullmatch(file.name)) is None:
            continue
        aside = client.download_file(file, folder / f".{file.name}.received")
        text = aside.read_text(encoding="utf-8")
        aside.unlink()
        if named[1] is None:
            workspace.keep_cues(text)  # one that somebody edited here stays beside it
        else:
            write_text(folder / file.name, text)


def _keep_facts(
    client: Shelf, job: Finished, workspace: Path, film: Path, video: Path, stems: Sequence[Path], music: Sequence[Path]
) -> None:
    """What timelines and cue sheets are made of; of several takes the first's, as where the film is scored here."""
    from pipeline.delivery.place import beside
    from pipeline.project import adopt

    report = beside(video, ".report.json")
    named = next((file for file in job.files if file.name == "manifest.json"), None)
    if named is None or not report.is_file():
        return
    aside = client.download_file(named, workspace / ".manifest.json.received")
    text = aside.read_text(encoding="utf-8")
    aside.unlink()
    stem_folder, alone = beside(video, ".stems"), beside(video, ".music.wav")
    has_stems = any(stem_folder in path.parents for path in stems)
    adopt(
        workspace,
        text,
        report,
        video,
        film=film,
        stems=stem_folder if has_stems else None,
        music=alone if alone in music else None,
    )


def _rename(page: Path, names: dict[str, str]) -> None:
    """The page's own words for its neighbours; it is HTML, so names go in as addresses."""
    text = page.read_text(encoding="utf-8")
    for theirs, ours in sorted(names.items(), reverse=True):
        text = text.replace(theirs, quote(ours))
    write_text(page, text)
