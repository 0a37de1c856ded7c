"""How loud the music is on the two sides of a seam and in between (rows B1 and B6)."""

from __future__ import annotations

import numpy as np

from pipeline.card.evidence import CuePlan, Series
from pipeline.card.intended import intended_lu
from pipeline.card.seam import Measured, Music, Seam
from pipeline.sound.clearance import MOMENTARY_STEPS, STEPS_PER_S
from pipeline.sound.loudness import lufs_of

_WINDOWS_S = (4.0, 8.0)  # shorter ones see phrases come and go: 2 s are off by up to 3 LU between the composer's cues
_LEAST_STEPS = 15
_SURE_S, _ENDING_S = 6.0, 4.0  # a cue that holds its level for less only warns: its own course is a step already
_SILENT_LUFS = -60.0
_FLOOR = 1e-12
_SIDE_S = 4.0
_LEAST_OVERLAP_S = 0.4  # momentary loudness
_USUAL = (10, 90)  # percentiles between which momentary loudness moves in the music itself
_STRUCK_LU = 1.5  # the chord on the bar line inside the overlap stands out by this much over what is usual


def level_step(music: Music, seam: Seam) -> Measured | str:
    """B1, LU: the step across a crossfade, beyond the plan.

    Measured over 4 and 8 s before and after the overlap, and the least of them: a step is heard in both, the music's
    own movement is not. The plan's own step is taken off; an engine that does not keep plans exactly may make it or
    not, so that everything between none and the planned passes.
    """
    found = []
    for seconds in _WINDOWS_S:
        parts = music.before(seam, seconds), music.after(seam, seconds)
        sides = [music.energy[part][music.judgeable[part]] for part in parts]
        if min(side.size for side in sides) < _LEAST_STEPS:
            return "too little music beside the seam"
        levels = [lufs_of(float(side.mean())) for side in sides]
        if min(levels) < _SILENT_LUFS:
            return "one side of the seam is silent"
        meant = [
            float(intended_lu(cue, music.times_s(part)[music.judgeable[part]]).mean())
            for cue, part in zip((seam.before, seam.after), parts, strict=True)
        ]
        planned = meant[1] - meant[0]
        step = levels[1] - levels[0]
        allowed = (planned, planned) if seam.after.is_exact else (min(0.0, planned), max(0.0, planned))
        found.append((step, planned, step - float(np.clip(step, *allowed))))
    beyond = [one[2] for one in found]
    same_way = min(beyond) > 0 or max(beyond) < 0
    least = min(beyond, key=abs) if same_way else 0.0
    detail = {"step_lu": round(found[1][0], 2), "planned_lu": round(found[1][1], 2)}
    is_sure = min(_held_s(seam.before), _held_s(seam.after)) >= _SURE_S
    return Measured(abs(least), detail, is_sure, {"way": "louder" if least > 0 else "softer"})


def _held_s(cue: CuePlan) -> float:
    """How long a cue keeps its level: the last chord of one that ends dies away."""
    return cue.range.duration_s - (_ENDING_S if cue.ends == "end" else 0.0)


def overlap_swell(music: Music, seam: Seam) -> Measured | str:
    """B6, LU: how far momentary loudness leaves, inside a crossfade, what is usual on its two sides."""
    if seam.join.overlap_s < _LEAST_OVERLAP_S:
        return "the overlap is shorter than 0.4 s"
    sides = [music.before(seam, _SIDE_S), music.after(seam, _SIDE_S)]
    inside = slice(max(0, seam.before_step - 1), max(seam.after_step, seam.before_step + MOMENTARY_STEPS) + 1)
    parts = [*sides, inside]
    if not all(music.judgeable[part].all() for part in parts):
        return "no music is meant beside the seam"
    before, after, between = (_momentary(music.energy[part]) for part in parts)
    if min(before.size, after.size) < STEPS_PER_S or between.size == 0:
        return "too little music beside the seam"
    low, high = ((np.percentile(before, q) + np.percentile(after, q)) / 2 for q in _USUAL)
    if low < _SILENT_LUFS:
        return "one side of the seam is silent"
    dip, bump = float(low - between.min()), float(between.max() - high) - _STRUCK_LU
    detail = {"dip_lu": round(dip, 2), "bump_lu": round(bump, 2)}
    return Measured(max(0.0, dip, bump), detail, said={"way": "dips" if dip >= bump else "swells"})


def _momentary(energy: Series) -> Series:
    if energy.size < MOMENTARY_STEPS:
        return np.zeros(0)
    means = np.convolve(energy, np.full(MOMENTARY_STEPS, 1 / MOMENTARY_STEPS), "valid")
    return np.array([lufs_of(max(float(mean), _FLOOR)) for mean in means])
