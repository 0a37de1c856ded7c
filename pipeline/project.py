"""A scored film's workspace, read again: for timelines, cue sheets and whatever else is made of a finished score."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.delivery.place import beside
from pipeline.given import read_text
from pipeline.publish import refusing, write_text
from pipeline.settings import Settings
from pipeline.sound.alone import SUFFIX, alone_from, write_alone
from pipeline.sound.file import StemFiles
from pipeline.sound.join import Assembly
from pipeline.sound.loudness import LoudnessMeter
from pipeline.sound.mix import write_music as write_laid
from pipeline.workspace import MANIFEST_SCHEMA, Workspace, digest
from scoring import cue_sheet_json
from scoring.cue_sheet import CueSheet
from scoring.errors import Conflict, ProjectMissing
from scoring.request import CueTake
from scoring.timebase import samples_at
from scoring.video_info import VideoInfo

SUFFIX_OF_FOLDER = ".cuesmith"
_FINISHED = re.compile(r"\.scored(\.take\d+)?$")
_OF_ITS_PLACE = ("schema", "analysis", "cues_written", "input", "output")  # of the manifest: true where it was written


@dataclass(frozen=True, slots=True)
class Played:
    """A cue's take and the folder that holds it: `<stem>.flac` for each stem, `cue.mid` where there are notes."""

    take: CueTake
    folder: Path


@dataclass(frozen=True, slots=True)
class Project:
    """A scored film.

    folder: its workspace. film: the input as the manifest names it; it may have gone. video: the finished film, None
    where it is no longer. info: what was known of the film, None in a workspace of an older version. takes: cue id →
    what plays there. stems: film-long, as written beside the result. music: the music by itself, where it was written.
    has_sound: whether the film has sound of its own that is heard. starts_at_s: what the timecode says at
    the first picture, real seconds since midnight. timecode: how the film itself writes it, "" where it has none.
    """

    folder: Path
    film: Path
    video: Path | None
    info: VideoInfo | None
    sheet: CueSheet
    report: Mapping[str, Any]
    manifest: Mapping[str, Any]
    takes: Mapping[str, Played]
    stems: tuple[Path, ...]
    music: Path | None
    has_sound: bool
    starts_at_s: float
    timecode: str = ""

    @property
    def name(self) -> str:
        """The film's name without its suffix."""
        return self.folder.name.removesuffix(SUFFIX_OF_FOLDER)


def workspace_of(path: Path) -> Path:
    """The workspace that is meant: the folder itself, or the one of a film or of a finished film, whatever its name.

    Where there is none, where it would be.
    """
    if path.is_dir() or path.suffix == SUFFIX_OF_FOLDER:
        return path
    named = path.with_name(_FINISHED.sub("", path.stem) + SUFFIX_OF_FOLDER)
    if named.is_dir():
        return named
    others = sorted(path.absolute().parent.glob(f"*{SUFFIX_OF_FOLDER}"))
    return next((folder for folder in others if path.name in _films_of(folder)), named)


def open_project(folder: Path) -> Project:
    """Read a workspace. Raises ProjectMissing, CueSheetError, and Conflict when its sheet was edited and not played."""
    folder = folder.absolute()
    manifest = _document(folder / "manifest.json", folder)
    if manifest.get("schema") != MANIFEST_SCHEMA or "output" not in manifest:
        raise ProjectMissing(f"{folder} holds no finished score", "Run cuesmith score on the film first")
    sheet = cue_sheet_json.loads(read_text(folder / "cues.json"))
    if manifest.get("sheet") not in (None, digest(cue_sheet_json.dumps(sheet))):
        raise Conflict(
            f"{folder / 'cues.json'} was changed after the film was scored", "Run cuesmith score again, then export"
        )
    workspace = Workspace(folder)
    output = manifest["output"]
    return Project(
        folder=folder,
        film=Path(manifest["input"]["path"]),
        video=_there(output["path"]) or _there(str(folder.parent / Path(output["path"]).name)),
        info=VideoInfo.from_json(manifest["film"]) if "film" in manifest else None,
        sheet=sheet,
        report=_document(folder / "report.json", folder),
        manifest=manifest,
        takes=_takes(workspace, manifest),
        stems=_stems(output, folder),
        music=_there(output.get("music")),
        has_sound=bool(manifest.get("alone", {}).get("is_beside_sound", False)),
        starts_at_s=float(manifest.get("starts_at_s", 0.0)),
        timecode=str(manifest.get("timecode", "")),
    )


def write_music(project: Project, path: Path, starts_at_s: float = 0.0, settings: Settings | None = None) -> Path:
    """The finished music by itself, made from the takes in the workspace; what `score --music` writes, to the sample.

    Raises ProjectMissing where the takes or their levels are not there, OutputRefused, DiskFull.
    """
    facts = project.manifest.get("alone")
    missing = [cue.id for cue in project.sheet.cues if cue.id not in project.takes]
    if facts is None or missing:
        what = f"the take of {missing[0]} is" if missing else "the music's levels are"
        raise ProjectMissing(f"{what} not in {project.folder}", "Run cuesmith score on the film again")
    total_samples = samples_at(project.sheet.duration_s)
    takes = [project.takes[cue.id].take for cue in project.sheet.cues]
    assembly = Assembly(project.sheet.cues, takes, lambda take: _open(project, take), total_samples)
    with refusing(project.folder), tempfile.TemporaryDirectory(dir=project.folder, prefix=".export.") as scratch:
        laid = Path(scratch) / "music.w64"
        write_laid(assembly, laid, total_samples, LoudnessMeter(), stems=None, advance=lambda share: None)
        alone = alone_from(facts, project.sheet.duration_s)
        write_alone(
            laid,
            alone,
            path,
            total_samples,
            Path(scratch),
            settings or Settings.from_env(),
            title=project.film.name,
            starts_at_s=starts_at_s,
        )
    return path


def adopt(
    folder: Path, manifest: str, report: Path, video: Path, *, film: Path, stems: Path | None, music: Path | None
) -> None:
    """Make a workspace, which has its sheet, that of a film scored elsewhere: with what was written there of the run.

    manifest: its text, whose places are of no use here. report, video, stems, music: where they lie here. The takes are
    not among it, so write_music needs them fetched or the film scored here. Raises OutputRefused, DiskFull.
    """
    try:
        facts = dict(json.loads(manifest))
    except (TypeError, ValueError) as error:
        raise ProjectMissing(f"the manifest of {video.name} does not read: {error}", "Score the film again") from error
    kept = {name: value for name, value in facts.items() if name not in _OF_ITS_PLACE}
    source = film.absolute() if film.exists() else Path(facts.get("input", {}).get("path", film.name)).name
    write_text(folder / "report.json", report.read_text(encoding="utf-8"))
    Workspace(folder).note(
        **kept,
        input={**facts.get("input", {}), "path": str(source)},
        output={
            **facts.get("output", {}),
            "path": str(video.absolute()),
            "stems": None if stems is None else str(stems.absolute()),
            "music": None if music is None else str(music.absolute()),
        },
    )


def music_place(project: Project) -> Path:
    """Where the music by itself lies, or would: beside the finished film."""
    video = project.video or project.folder.parent / Path(project.manifest["output"]["path"]).name
    return beside(video, SUFFIX)


def _open(project: Project, take: CueTake) -> StemFiles:
    return StemFiles(project.takes[take.cue_id].folder, take.stems)


def _takes(workspace: Workspace, manifest: Mapping[str, Any]) -> dict[str, Played]:
    found = {}
    for row in manifest.get("takes", ()):
        take = workspace.take(row["cue"], row["key"])
        if take is not None:
            found[take.cue_id] = Played(take, workspace.take_folder(row["cue"], row["key"]))
    return found


def _stems(output: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    written = _there(output.get("stems"))
    return () if written is None else tuple(sorted(written.glob("*.flac")))


def _there(path: str | None) -> Path | None:
    return Path(path) if path and Path(path).exists() else None


def _films_of(folder: Path) -> set[str]:
    """The names of the finished films of a workspace; none where it does not say."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        outputs = [manifest["output"], *(take["output"] for take in manifest.get("further_takes", ()))]
        return {Path(output["path"]).name for output in outputs}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _document(path: Path, folder: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ProjectMissing(
            f"{folder} is not a scored film's workspace: {path.name} cannot be read",
            f"Name the folder that cuesmith score made, film{SUFFIX_OF_FOLDER}",
        ) from error
    if not isinstance(document, dict):
        raise ProjectMissing(f"{path} is not what Cuesmith writes", "Run cuesmith score on the film again")
    return document
