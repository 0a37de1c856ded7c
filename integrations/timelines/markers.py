"""What a finished score says to an editor: where its cues begin, what it lands on, where it goes down and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from integrations.timelines.colours import Role
from scoring.cue_sheet import Cue, CueSheet
from scoring.timebase import FrameRate
from scoring.timecode import nearest_frame

if TYPE_CHECKING:
    from pipeline.project import Project
    from scoring.analysis import EmotionCurve

TAG = "cuesmith:v1:"
UNSURE_BELOW = 0.2  # of 1: what the analysis itself calls a very low confidence
_HANDS_OVER_S = 1.0  # a cue that begins this soon is what the one before leads to


@dataclass(frozen=True, slots=True)
class Marker:
    """A stretch of the film that somebody should know of: [frame, frame + frames), frames at least 1.

    frame: from the film's first picture. tag: tells Cuesmith's markers from a person's, "cuesmith:v1:hit:1m2:0".
    """

    frame: int
    frames: int
    role: Role
    name: str
    note: str
    tag: str

    @property
    def tagged_note(self) -> str:
        """The note with the tag, for formats that have no other place for it."""
        return f"{self.note} [{self.tag}]"


def film_markers(project: Project, rate: FrameRate, curve: EmotionCurve | None) -> tuple[Marker, ...]:
    """Every marker of a scored film, in order; of one frame's, the cue's first.

    curve: how the film was read, which says where its mood is a guess; nothing says so without it.
    """
    sheet = project.sheet
    found = [*_cues(sheet, rate), *_hits(sheet, rate), *_ducks(project, rate), *_unsure(sheet, rate, curve)]
    order: list[Role] = ["cue", "hit", "unsure", "duck"]
    return tuple(sorted(found, key=lambda marker: (marker.frame, order.index(marker.role))))


def read_curve(project: Project) -> tuple[EmotionCurve | None, str]:
    """How a film was read, and what to tell people where the workspace no longer says so, "" where it does."""
    from scoring.analysis import Analysis

    path = project.folder / "analysis.json"
    try:
        return Analysis.from_json(json.loads(path.read_text(encoding="utf-8"))).curve, ""
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = "is not there" if isinstance(error, FileNotFoundError) else "cannot be read"
        return None, f"no marker says where the mood is a guess: {path.name} {why} (cuesmith score makes it again)"


def cue_title(sheet: CueSheet, number: int) -> str:
    """A cue and what it leads to: "1M2 tense → release". number: its place in the sheet."""
    cue = sheet.cues[number]
    title = f"{cue.id.upper()} {cue.mood}".strip()
    after = sheet.cues[number + 1] if number + 1 < len(sheet.cues) else None
    if after is None or after.in_s - cue.out_s > _HANDS_OVER_S or after.mood == cue.mood or not after.mood:
        return title
    return f"{title} → {after.mood}"


def _cues(sheet: CueSheet, rate: FrameRate) -> Iterator[Marker]:
    for number, cue in enumerate(sheet.cues):
        facts = f"{cue.bpm:.4g} bpm, {cue.metre}, {cue.key}"
        note = f"Music: {cue.prompt}; {facts}" if cue.prompt else f"Music: {facts}"
        yield _marker(cue.in_s, cue.out_s, rate, "cue", cue_title(sheet, number), note, cue.id)


def _hits(sheet: CueSheet, rate: FrameRate) -> Iterator[Marker]:
    for cue in sheet.cues:
        for number, hit in enumerate(cue.hit_points):
            kept = ", set by hand" if hit.locked else ""
            note = f"Hit: {hit.kind}, weight {hit.weight:.2f}, within {hit.tolerance_ms:.0f} ms{kept}"
            name = f"{cue.id.upper()} hit: {hit.kind}"
            yield _marker(hit.time_s, hit.time_s, rate, "hit", name, note, f"{cue.id}:{number}")


def _ducks(project: Project, rate: FrameRate) -> Iterator[Marker]:
    for number, duck in enumerate(project.report.get("dialogue", {}).get("ducks", ())):
        name = f"music {-abs(duck['depth_db']):.1f} dB"
        note = "Dialogue: the music goes down under speech; it is done in the file already"
        yield _marker(duck["start_s"], duck["end_s"], rate, "duck", name, note, str(number))


def _unsure(sheet: CueSheet, rate: FrameRate, curve: EmotionCurve | None) -> Iterator[Marker]:
    if curve is None:
        return
    for cue in sheet.cues:
        sure = _confidence(curve, cue)
        if sure is not None and sure < UNSURE_BELOW:
            name = f"{cue.id.upper()} mood unsure: {cue.mood}"
            note = f"Mood: confidence {sure:.2f} of 1; change it in cues.json where it is wrong"
            yield _marker(cue.in_s, cue.out_s, rate, "unsure", name, note, cue.id)


def _confidence(curve: EmotionCurve, cue: Cue) -> float | None:
    """How far the reading of a cue's stretch can be trusted, 0..1; None for what a person wrote and nobody read."""
    from pipeline.chart.summary import rows_of
    from scoring.timebase import TimeRange

    rows = curve.confidence[rows_of(curve, TimeRange(cue.in_s, cue.out_s))]
    return float(rows.mean()) if len(rows) and not cue.locked else None


def _marker(start_s: float, end_s: float, rate: FrameRate, role: Role, name: str, note: str, what: str) -> Marker:
    first, last = nearest_frame(start_s, rate), nearest_frame(end_s, rate)
    return Marker(first, max(1, last - first), role, name, note, f"{TAG}{role}:{what}")
