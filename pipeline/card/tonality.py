"""Whether the music keeps its key (row C2)."""

from __future__ import annotations

from pipeline.card.evidence import Evidence
from pipeline.card.keys import Distance, KeyReading, distance, read_key
from pipeline.card.limits import judged, unmeasured
from pipeline.card.row import Row

_SURE_S = 12.0  # a shorter cue may be one borrowed chord for half its length (2 of 70 of the composer's read wrong)


def key_rows(evidence: Evidence) -> list[Row]:
    """One row per film, of the cue furthest from its planned key; a sure reading comes before an unsure one."""
    if evidence.plan is None:
        return [unmeasured("C2", "No key was planned")]
    cues = [cue for cue in evidence.plan.cues if not cue.withheld]
    if evidence.music is None or not cues:
        return [unmeasured("C2", "There is no music to read")]
    readings = {cue.id: read_key(evidence, evidence.music, cue.range, cue) for cue in cues}
    read: list[tuple[Distance, KeyReading, int]] = []
    for place, cue in enumerate(cues):
        reading = readings[cue.id]
        if isinstance(reading, KeyReading):
            read.append((distance(reading, cue.key), reading, place))
    if not read:
        return [unmeasured("C2", f"{cues[0].id}: {readings[cues[0].id]}")]
    off, reading, place = max(read, key=lambda one: (one[0].steps > 1, one[0].is_sure, one[0].steps))
    cue = cues[place]
    return [
        judged(
            "C2",
            float(off.steps),
            at_s=cue.range.start_s,
            cue=cue.id,
            most="fail" if off.is_sure and cue.range.duration_s >= _SURE_S else "warn",
            detail={"cues": {c.id: _shown(readings[c.id], c.key) for c in cues}},
            key=str(reading.key),
            planned=str(cue.key),
        )
    ]


def _shown(reading: KeyReading | str, planned: object) -> dict[str, object]:
    if isinstance(reading, str):
        return {"planned": str(planned), "unread": reading}
    chords = None if reading.chords is None else reading.chords.semitones
    return {"planned": str(planned), "read": str(reading.key), "chords_off_semitones": chords}
