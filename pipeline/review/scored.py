"""What is known of a scored film, as a review shows it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.delivery.place import beside
from pipeline.given import read_text
from pipeline.project import Project, open_project, workspace_of
from pipeline.review.counting import Counted, planned_beats, taken_beats
from pipeline.sound.alone import alone_from
from pipeline.sound.automation import Automation, Duck, automate
from scoring import cue_sheet_json
from scoring.analysis import Analysis, EmotionCurve
from scoring.cue_sheet import CueSheet
from scoring.errors import ProjectMissing
from scoring.timebase import TimeRange

_SAME_MOMENT_S = 1e-3


@dataclass(frozen=True, slots=True)
class Landing:
    """A planned hit. error_ms: the score's nearest beat minus the hit; landed: None where that is not known."""

    time_s: float
    kind: str
    weight: float
    landed: bool | None
    error_ms: float | None


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A check that failed. at_s: the film time it points at, None for the film as a whole."""

    at_s: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Scored:
    """A scored film. Times are film seconds.

    video: the finished film. beats: of each cue, in order. hits: in order. curve: how the film was read, None where the
    workspace no longer says. gain: what was laid over the music, None where that is not known. target_lufs: of the
    standard. shortfalls: what the report says failed. starts_at_s: real seconds since midnight of the first picture;
    timecode: how the film itself writes it, "" where it has none.
    """

    video: Path
    name: str
    sheet: CueSheet
    beats: tuple[Counted, ...]
    hits: tuple[Landing, ...]
    curve: EmotionCurve | None
    cuts_s: tuple[float, ...]
    gain: Automation | None
    target_lufs: float | None
    shortfalls: tuple[Shortfall, ...]
    starts_at_s: float
    timecode: str


def open_scored(video: Path) -> Scored:
    """Read the workspace of a scored film. video: the finished film, one of its takes, the film or the workspace.

    Raises ProjectMissing where there is no workspace or no finished film, and what open_project raises.
    """
    folder = workspace_of(video)
    if not folder.is_dir():
        raise ProjectMissing(
            f"{video} has no workspace: there is no {folder}",
            "A review shows what Cuesmith planned; score the film, or cuesmith inspect measures any scored video",
        )
    project = open_project(folder)
    further = _further(project, video)
    if further is None:
        return _scored(project, _finished(project, video), project.sheet, project.report, is_first=True)
    sheet = cue_sheet_json.loads(read_text(Path(further["cues"])))
    return _scored(project, video, sheet, _report(beside(video, ".report.json")), is_first=False)


def _scored(project: Project, video: Path, sheet: CueSheet, report: Mapping[str, Any], *, is_first: bool) -> Scored:
    analysis = _analysis(project.folder)
    target = report.get("loudness", {}).get("target", {})
    return Scored(
        video=video,
        name=video.name,
        sheet=sheet,
        beats=tuple(
            taken_beats(cue, project.takes[cue.id].take)
            if is_first and cue.id in project.takes and project.takes[cue.id].take.beats_s
            else planned_beats(cue)
            for cue in sheet.cues
        ),
        hits=_hits(sheet, report.get("hits", ())),
        curve=None if analysis is None else analysis.curve,
        cuts_s=() if analysis is None else tuple(cut.time_s for cut in analysis.shots.cuts),
        gain=_gain(project.manifest.get("alone") if is_first else None, report, sheet.duration_s),
        target_lufs=target.get("integrated_lufs"),
        shortfalls=_shortfalls(report.get("checks", ())),
        starts_at_s=project.starts_at_s,
        timecode=project.timecode,
    )


def _further(project: Project, video: Path) -> Mapping[str, Any] | None:
    """What the manifest says of a take after the first; None where the video is none."""
    takes = project.manifest.get("further_takes", ())
    return next((take for take in takes if Path(take["output"]["path"]).name == video.name and video.is_file()), None)


def _finished(project: Project, video: Path) -> Path:
    """The finished film: the one named where it is it, else the workspace's."""
    if project.video is None:
        raise ProjectMissing(f"the finished film of {project.folder} is gone", "Run cuesmith score on the film again")
    meant = {project.folder, project.film.absolute(), project.folder.with_suffix(project.film.suffix)}
    if video.absolute() not in meant and not (video.exists() and video.samefile(project.video)):
        raise ProjectMissing(
            f"{project.folder} is the workspace of {project.video.name}, not of {video.name}",
            f"Review {project.video.name}, or score the film again with -o {video.name}",
        )
    return project.video


def _hits(sheet: CueSheet, rows: Sequence[Mapping[str, Any]]) -> tuple[Landing, ...]:
    found = []
    for cue in sheet.cues:
        for hit in cue.hit_points:
            if hit.weight <= 0:
                continue
            row = next((r for r in rows if r["cue"] == cue.id and abs(r["time_s"] - hit.time_s) < _SAME_MOMENT_S), None)
            landed, error_ms = (None, None) if row is None else (row["landed"], row["error_ms"])
            found.append(Landing(hit.time_s, hit.kind, hit.weight, landed, error_ms))
    return tuple(sorted(found, key=lambda hit: hit.time_s))


def _gain(facts: Mapping[str, Any] | None, report: Mapping[str, Any], duration_s: float) -> Automation | None:
    """The music's gain over time; of a take after the first what its report says of it."""
    if facts is not None:
        return alone_from(facts, duration_s).automation
    dialogue = report.get("dialogue")
    if dialogue is None:
        return None
    ducks = [Duck(TimeRange(d["start_s"], d["end_s"]), d["depth_db"]) for d in dialogue.get("ducks", ())]
    return automate(duration_s, ducks, [TimeRange(*edges) for edges in dialogue.get("without_music", ())])


def _shortfalls(rows: Sequence[Mapping[str, Any]]) -> tuple[Shortfall, ...]:
    """The rows that failed, as sentences. Reports before the card have no status; theirs are left out."""
    found = []
    for row in rows:
        if row.get("status") != "fail":
            continue
        value = row.get("value")
        measured = "" if value is None else f": {value:.3g} {row.get('unit', '')}".replace("-", "−", 1).rstrip()
        advice = str(row.get("advice") or f"allowed is {row.get('allowed', '')}").rstrip(".")
        at_s = row.get("at_s")
        where = float(at_s) if at_s is not None and math.isfinite(at_s) else None
        found.append(Shortfall(where, f"{row['id']} {row['name']}{measured}. {advice}."))
    return tuple(found)


def _report(path: Path) -> Mapping[str, Any]:
    """A take's report; empty where it is gone, so that its film can be reviewed all the same."""
    try:
        document: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ProjectMissing(f"{path} cannot be read", "Score the film again, or remove that file") from error
    return document


def _analysis(folder: Path) -> Analysis | None:
    """What the film says; None where the workspace has none that this version reads."""
    try:
        return Analysis.from_json(json.loads((folder / "analysis.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None
