"""What was planned for a finished film: from its workspace, or from a cue sheet alone."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from music_engine.grid import planned_grid
from pipeline.card.evidence import Curve, Plan
from pipeline.project import Project
from pipeline.report.evidence import cue_plan
from pipeline.report.shown import Felt
from pipeline.sound.alone import alone_from
from pipeline.sound.join import Join
from pipeline.sound.loudness import LoudnessTarget, loudness_target
from pipeline.workspace import Workspace
from scoring.analysis import Analysis
from scoring.cue_sheet import Cue, CueSheet
from scoring.errors import UnknownChoice
from scoring.request import CueTake, request_for
from scoring.timebase import TimeRange, samples_at

_EXACT = ("composer",)  # of a manifest that does not say whose beats lie where they are planned


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and what else its workspace knows; None or empty where there is only a sheet.

    speech: where somebody speaks, None where nobody looked. dialogue: "duck", "keep" or "replace". clearance_lu: as
    asked for.
    """

    sheet: CueSheet
    plan: Plan
    project: Project | None = None
    curve: Curve | None = None
    felt: Felt | None = None
    speech: tuple[TimeRange, ...] | None = None
    dialogue: str = "duck"
    clearance_lu: float | None = None
    target: LoudnessTarget | None = None

    @property
    def is_ducked(self) -> bool:
        """Whether the music was to make room for speech."""
        return self.project is not None and self.dialogue == "duck"


def plan_of_sheet(sheet: CueSheet) -> Planned:
    """The plan of a cue sheet: beats where its tempo puts them. Nobody knows who played it."""
    cues = tuple(cue_plan(cue, _as_planned(sheet, cue), is_exact=False) for cue in sheet.cues)
    return Planned(sheet, Plan(cues, joins=_joins(sheet), rests=sheet.silences))


def plan_of_project(project: Project) -> Planned:
    """The plan of a scored film: its takes' own beats and chords, the gain laid over the music, the film's feeling."""
    manifest, report = project.manifest, project.report
    takes = {cue_id: played.take for cue_id, played in project.takes.items()}
    played = [(cue, takes.get(cue.id) or _as_planned(project.sheet, cue)) for cue in project.sheet.cues]
    alone = manifest.get("alone")
    automation = None if alone is None else alone_from(alone, project.sheet.duration_s).automation
    analysis = _analysis(project)
    dialogue: Mapping[str, Any] = report.get("dialogue", {})
    exact = tuple(manifest.get("exact", _EXACT))
    plan = Plan(
        cues=tuple(cue_plan(cue, take, is_exact=take.engine in exact) for cue, take in played),
        joins=tuple(Join(**join) for join in report["joins"]) if "joins" in report else _joins(project.sheet),
        rests=(
            *project.sheet.silences,
            *(TimeRange(start_s, end_s) for start_s, end_s in (alone or {}).get("muted", ())),
            *(TimeRange(cue.in_s, cue.out_s) for cue, take in played if take.withheld),
        ),
        gain_db=None if automation is None or automation.is_flat else automation.gain_db.astype(np.float64),
        cuts_s=() if analysis is None else tuple(cut.time_s for cut in analysis.shots.cuts),
    )
    return Planned(
        sheet=project.sheet,
        plan=plan,
        project=project,
        curve=None if analysis is None else Curve(analysis.curve.times_s, analysis.curve.arousal),
        felt=None if analysis is None else _felt(analysis),
        speech=None if analysis is None else analysis.speech.ranges,
        dialogue=str(dialogue.get("mode", "duck")),
        clearance_lu=dialogue.get("clearance_lu"),
        target=_target(manifest),
    )


def _as_planned(sheet: CueSheet, cue: Cue) -> CueTake:
    """The take that keeps to a cue's tempo exactly, whoever plays it."""
    request = request_for(sheet, cue, lead_in_s=0.0, tail_s=0.0)
    beats_s, bars_s = planned_grid(request)
    samples = samples_at(cue.duration_s)
    return CueTake(
        cue_id=cue.id,
        engine="",
        seed=cue.seed,
        lead_in_samples=0,
        body_samples=samples,
        total_samples=samples,
        stems=(),
        beats_s=beats_s,
        bars_s=bars_s,
        chords=(),
        warnings=(),
        unheeded=(),
    )


def _joins(sheet: CueSheet) -> tuple[Join, ...]:
    """Where the sheet's cues touch."""
    return tuple(
        Join(before.id, cue.id, cue.in_s, before.transition.kind, before.transition.beats * before.beat_s, 0.0)
        for before, cue in itertools.pairwise(sheet.cues)
        if before.out_s > cue.in_s - 1e-6
    )


def _analysis(project: Project) -> Analysis | None:
    key = project.manifest.get("analysis")
    document = None if key is None else Workspace(project.folder).analysis(key)
    return None if document is None else Analysis.from_json(document)


def _felt(analysis: Analysis) -> Felt:
    curve = analysis.curve
    return Felt(curve.times_s, curve.valence, curve.arousal, curve.tension)


def _target(manifest: Mapping[str, Any]) -> LoudnessTarget | None:
    """The standard it was brought to; None where this version does not know it."""
    try:
        return loudness_target(manifest.get("settings", {}).get("loudness", ""))
    except UnknownChoice:
        return None
