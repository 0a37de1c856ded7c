"""The rows of a cue sheet as music departments and collecting societies read it, for every form it is written in."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from integrations.timelines.film_timeline import timeline_start
from integrations.timelines.markers import cue_title
from integrations.timelines.rates import shown
from integrations.timelines.wording import line
from pipeline.project import Project
from scoring.cue_sheet import Cue
from scoring.timecode import Timecode, nearest_frame

OTHER_ENGINE = "other"


@dataclass(frozen=True, slots=True)
class Origin:
    """How a cue's music came about. licence: of what was trained, "" where nothing was."""

    engine: str
    version: str
    name: str
    made: str
    source_type: str
    licence: str


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One use of music in the film: [in_s, out_s) from the first picture, and the same as timecode.

    number: "1M1", "" for music that the film had before. usage: the societies' code, "" where a person has to say.
    origin: None for music that the film had before.
    """

    number: str
    title: str
    usage: str
    in_s: float
    out_s: float
    in_label: str
    out_label: str
    origin: Origin | None
    bpm: float | None = None
    key: str = ""
    note: str = ""

    @property
    def duration_s(self) -> float:
        """Seconds."""
        return self.out_s - self.in_s


@dataclass(frozen=True, slots=True)
class Usage:
    """A film's whole use of music, in film order.

    frame_rate: for people, "29.97 drop-frame". loudness_lufs, true_peak_dbtp: of the finished mix, None where unknown.
    notes: what a reader has to know: disclosure, codes.
    """

    production: str
    duration_s: float
    frame_rate: str
    rows: tuple[UsageRow, ...]
    loudness_lufs: float | None
    true_peak_dbtp: float | None
    notes: tuple[str, ...]
    losses: tuple[str, ...] = ()

    @property
    def music_s(self) -> float:
        """How long Cuesmith's cues last together, seconds."""
        return sum(row.duration_s for row in self.rows if row.origin is not None)

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Every origin once, in order."""
        return tuple(dict.fromkeys(row.origin for row in self.rows if row.origin is not None))


def usage_of(project: Project, start: str | None = None) -> Usage:
    """What music is used where. start: the timecode of the first picture; the film's own by default.

    Raises InputError for a start that does not fit.
    """
    begins = timeline_start(project, start)
    timecode = begins.timecode
    measured = project.report.get("loudness", {}).get("measured", {})
    rows = [*_cues(project, timecode, begins.frame), *_source_music(project, timecode, begins.frame)]
    words = _words()
    return Usage(
        production=line(project.name),
        duration_s=project.sheet.duration_s,
        frame_rate=f"{shown(timecode.rate)}{' drop-frame' if timecode.is_drop else ''}",
        rows=tuple(sorted(rows, key=lambda row: (row.in_s, row.out_s))),
        loudness_lufs=measured.get("integrated_lufs"),
        true_peak_dbtp=measured.get("true_peak_dbtp"),
        notes=(words["disclosure"].strip(), words["usage_note"]),
        losses=begins.losses,
    )


def known_origins() -> dict[str, Origin]:
    """What is said of each engine, and of OTHER_ENGINE for those that are not known here."""
    rows = _words()["engines"].items()
    return {
        engine: Origin(engine, "", row["name"], row["made"], row["source_type"], row["licence"]) for engine, row in rows
    }


def clock_of(time_s: float) -> str:
    """A duration as cue sheets write it, whole seconds: "0:01:05"."""
    minutes, seconds = divmod(round(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}"


def _cues(project: Project, timecode: Timecode, first: int) -> list[UsageRow]:
    words = _words()
    rows = []
    for number, cue in enumerate(project.sheet.cues):
        title = line(cue_title(project.sheet, number).removeprefix(cue.id.upper()))
        rows.append(
            UsageRow(
                number=cue.id.upper(),
                title=title or cue.id.upper(),
                usage=words["usage"],
                in_s=cue.in_s,
                out_s=cue.out_s,
                in_label=_label(cue.in_s, timecode, first),
                out_label=_label(cue.out_s, timecode, first),
                origin=_origin(project, cue),
                bpm=cue.bpm,
                key=str(cue.key),
            )
        )
    return rows


def _source_music(project: Project, timecode: Timecode, first: int) -> list[UsageRow]:
    """Music that the film had and still has: a cue sheet leaves none out."""
    words = _words()
    dialogue = project.report.get("dialogue", {})
    if dialogue.get("mode") == "replace" or not project.has_sound:
        return []
    return [
        UsageRow(
            number="",
            title=words["source_music_title"],
            usage="",
            in_s=start_s,
            out_s=end_s,
            in_label=_label(start_s, timecode, first),
            out_label=_label(end_s, timecode, first),
            origin=None,
            note=words["source_music_note"],
        )
        for start_s, end_s in dialogue.get("source_music", ())
    ]


def _origin(project: Project, cue: Cue) -> Origin:
    played = project.takes.get(cue.id)
    engine = str(project.manifest.get("engine", "")) if played is None else played.take.engine
    version = str(project.manifest.get("versions", {}).get("engines", {}).get(engine, ""))
    known = known_origins()
    return replace(known.get(engine, known[OTHER_ENGINE]), engine=engine, version=version)


def _label(time_s: float, timecode: Timecode, first: int) -> str:
    return timecode.label(first + nearest_frame(time_s, timecode.rate))


@cache
def _words() -> dict[str, Any]:
    text = (resources.files("integrations") / "timelines" / "data" / "cue_sheet.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
