"""Whether the beat runs on over a seam (row B4)."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np

from pipeline.card.beats import Beats, NoPulse, read_beats
from pipeline.card.evidence import Evidence
from pipeline.card.limits import judged, unmeasured
from pipeline.card.row import Row
from pipeline.sound.join import Join

NEAR_BEATS = 8  # on either side of a seam
LEAST_BEATS = 4


def phase_rows(evidence: Evidence) -> list[Row]:
    """One row per film, of its worst seam."""
    if evidence.music is None:
        return [unmeasured("B4", "There is no music")]
    if evidence.plan is None:
        return [unmeasured("B4", "Without a cue sheet nobody knows where the seams are")]
    joins = [join for join in evidence.plan.joins if join.kind == "crossfade"]
    if not joins:
        return [unmeasured("B4", "No cue fades into the next")]
    names = {name for join in joins for name in (join.before, join.after)}
    beats = {c.id: read_beats(evidence.music, c, evidence.plan) for c in evidence.plan.cues if c.id in names}
    rows = [row for join in joins if (row := _row(join, beats[join.before], beats[join.after])) is not None]
    if not rows:
        return [unmeasured("B4", "No seam has a sure pulse on both sides")]
    worst = max(rows, key=lambda row: row.value or 0.0)
    others = {row.cue: row.detail["phase_beats"] for row in rows}
    return [replace(worst, detail={**worst.detail, "phase_beats_of_seams": others})]


def _row(join: Join, before: Beats | NoPulse, after: Beats | NoPulse) -> Row | None:
    """How far the later beats are off where the earlier ones lead, beyond what is planned; None where none are sure."""
    half_s = join.overlap_s / 2
    earlier_s, later_s = _late_s(before, -inf, join.at_s - half_s), _late_s(after, join.at_s + half_s, inf)
    if earlier_s is None or later_s is None or isinstance(before, NoPulse) or isinstance(after, NoPulse):
        return None
    phase = (later_s - earlier_s) / float(np.median(np.diff(after.measured_s)))
    phase -= round(phase)
    return judged(
        "B4",
        abs(phase),
        at_s=join.at_s,
        cue=join.after,
        detail={"phase_beats": round(phase, 3)},
    )


def _late_s(beats: Beats | NoPulse, start_s: float, end_s: float) -> float | None:
    """How late the beats nearest to a seam are against their plan. One of start_s and end_s is the seam."""
    if isinstance(beats, NoPulse) or beats.planned_s is None:
        return None
    inside = np.flatnonzero((beats.planned_s >= start_s) & (beats.planned_s < end_s))
    near = inside[-NEAR_BEATS:] if start_s == -inf else inside[:NEAR_BEATS]
    if near.size < LEAST_BEATS:
        return None
    return float(np.median(beats.measured_s[near] - beats.planned_s[near]))
