"""Whether the music keeps its tempo (row C1)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pipeline.card.beats import Beats, NoPulse, read_beats
from pipeline.card.evidence import CuePlan, Evidence
from pipeline.card.limits import judged, unmeasured
from pipeline.card.pulse import accents, tempo_of
from pipeline.card.row import Row


def tempo_rows(evidence: Evidence) -> list[Row]:
    """One row per film, of its worst cue. Without a plan it tells which tempo the music seems to have."""
    if evidence.music is None:
        return [unmeasured("C1", "There is no music")]
    if evidence.plan is None:
        return [_unplanned(tempo_of(accents(evidence.music.onset)))]
    rows, others, sure, whys = [], {}, {}, []
    for cue in evidence.plan.cues:
        beats = read_beats(evidence.music, cue, evidence.plan)
        if isinstance(beats, NoPulse):
            whys.append(beats.why)
        else:
            rows.append(_row(cue, beats))
            others[cue.id] = round(cue.bpm * beats.tempo, 2)
            sure[cue.id] = round(beats.sure, 1)
    if not rows:
        return [unmeasured("C1", "; ".join(whys) or "No cue is planned")]
    worst = max(rows, key=lambda row: row.value or 0.0)
    return [replace(worst, detail={**worst.detail, "bpm_of_cues": others, "sure_of_cues": sure})]


def _row(cue: CuePlan, beats: Beats) -> Row:
    bpm = cue.bpm * beats.tempo
    detail = {"planned_bpm": round(cue.bpm, 2), "measured_bpm": round(bpm, 2)}
    if beats.planned_s is not None:
        ratios = np.diff(beats.measured_s) / np.diff(beats.planned_s)
        detail["beat_length_cv_percent"] = round(100 * float(ratios.std() / ratios.mean()), 2)
    return judged(
        "C1",
        100 * abs(beats.tempo - 1),
        at_s=cue.range.start_s,
        cue=cue.id,
        detail=detail,
        bpm=bpm,
        planned=cue.bpm,
    )


def _unplanned(bpm: float | None) -> Row:
    why = "Without a cue sheet nobody knows the tempo that was planned"
    if bpm is None:
        return unmeasured("C1", f"{why}, and no pulse is sure")
    return unmeasured("C1", f"{why}; it seems to be {bpm:.0f} bpm", detail={"measured_bpm": round(bpm, 1)})
