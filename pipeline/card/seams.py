"""Where two cues meet (rows B)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.card.evidence import Evidence
from pipeline.card.keys import read_key, step_beyond
from pipeline.card.limits import judged, unmeasured
from pipeline.card.phase import phase_rows
from pipeline.card.row import Row
from pipeline.card.seam import Measured, Music, Seam, music_of, seams_of
from pipeline.card.seam_level import level_step, overlap_swell
from pipeline.card.seam_sound import click, sound_change
from scoring.timebase import TimeRange

_ROWS = ("B1", "B2", "B3", "B5", "B6")
_KEY_SIDE_S = 20.0

_Measure = Callable[[Seam], Measured | str]


def seam_rows(evidence: Evidence) -> list[Row]:
    """One row of each kind per film, of its worst seam.

    A cut and a ring-out change level and sound on purpose: there only the key and clicks are looked at.
    """
    if evidence.plan is None:
        return [*(unmeasured(name, "No cues were planned") for name in _ROWS), *phase_rows(evidence)]
    if evidence.music is None:
        return [*(unmeasured(name, "There is no music to measure") for name in _ROWS), *phase_rows(evidence)]
    seams = seams_of(evidence, evidence.music)
    if not seams:
        why = "There is one cue" if len(evidence.plan.cues) == 1 else "No two cues meet"
        return [*(unmeasured(name, why) for name in _ROWS), *phase_rows(evidence)]
    music = music_of(evidence, evidence.music)
    crossfades = [seam for seam in seams if seam.is_crossfade]
    return [
        _row("B1", crossfades, lambda seam: level_step(music, seam)),
        _row("B2", crossfades, lambda seam: sound_change(music, seam)),
        _row("B3", seams, lambda seam: _key_step(evidence, music, seam)),
        *phase_rows(evidence),
        _row("B5", seams, lambda seam: click(music, seam)),
        _row("B6", crossfades, lambda seam: overlap_swell(music, seam)),
    ]


def _row(name: str, seams: Sequence[Seam], measure: _Measure) -> Row:
    """The row of the worst seam: a sure measurement before an unsure one of the same size."""
    if not seams:
        return unmeasured(name, "Every change of cue is meant to be heard: there is no crossfade")
    measured = [(seam, measure(seam)) for seam in seams]
    found = [(seam, one) for seam, one in measured if isinstance(one, Measured)]
    shown = {f"{seam.join.before}-{seam.join.after}": _shown(one) for seam, one in measured}
    if not found:
        seam, why = measured[0]
        return unmeasured(name, f"Into {seam.after.id}: {why}", detail={"seams": shown})
    rows = [
        judged(
            name,
            one.value,
            at_s=seam.join.at_s,
            cue=seam.after.id,
            most="fail" if one.is_sure else "warn",
            detail={"seams": shown},
            **one.said,
        )
        for seam, one in found
    ]
    severity = ("not measurable", "info", "pass", "warn", "fail")
    return max(rows, key=lambda row: (severity.index(row.status), row.value or 0.0))


def _shown(one: Measured | str) -> dict[str, object]:
    return {"unread": one} if isinstance(one, str) else {"value": round(one.value, 3), **one.detail}


def _key_step(evidence: Evidence, music: Music, seam: Seam) -> Measured | str:
    """B3, fifths: the change of key, against the planned one. Up to 20 s of either cue are read."""
    readings = []
    for cue, part in ((seam.before, music.before(seam, _KEY_SIDE_S)), (seam.after, music.after(seam, _KEY_SIDE_S))):
        if part.stop <= part.start:
            return "too little music beside the seam"
        times_s = music.times_s(part)
        reading = read_key(evidence, music.track, TimeRange(float(times_s[0]) - 0.05, float(times_s[-1]) + 0.05), cue)
        if isinstance(reading, str):
            return reading
        readings.append(reading)
    beyond = step_beyond(readings[0], readings[1], (seam.before.key, seam.after.key))
    read, planned = f"{readings[0].key} to {readings[1].key}", f"{seam.before.key} to {seam.after.key}"
    detail = {"read": read, "planned": planned}
    return Measured(float(beyond.steps), detail, beyond.is_sure, {"read": read, "planned": planned})
