"""What the report's page shows of an inspected film."""

from __future__ import annotations

import numpy as np

from pipeline.inspection.inspect import Inspected
from pipeline.inspection.planned import Planned
from pipeline.report.showing import clearance_of, tenths, thumbnails
from pipeline.report.shown import Shown
from pipeline.sound.loudness import short_term_lufs
from scoring.timebase import SAMPLE_RATE_HZ, clock


def show_inspected(inspected: Inspected) -> Shown:
    """Everything that is known of it; of a film made elsewhere that is the sound, and the source where it was named."""
    evidence, planned = inspected.evidence, inspected.planned
    plan, encoded, levels = evidence.plan, evidence.encoded, evidence.levels
    target = encoded.target if encoded else None
    project = planned.project if planned else None
    return Shown(
        title=inspected.film.path.name,
        duration_s=evidence.duration_s,
        rows=inspected.rows,
        felt=planned.felt if planned else None,
        cuts_s=plan.cuts_s if plan else (),
        cues=planned.sheet.cues if planned else (),
        beats_s=tuple(t for cue in plan.cues for t in cue.beats_s) if plan else (),
        bars_s=tuple(t for cue in plan.cues for t in cue.bars_s) if plan else (),
        hits=_hits(planned) if planned else (),
        music_peak=None if evidence.music is None else evidence.music.peak.astype(np.float64),
        film_peak=None if evidence.whole is None else evidence.whole.peak.astype(np.float64),
        short_term_lufs=None if evidence.whole is None else short_term_lufs(evidence.whole.energy),
        target_lufs=target.integrated_lufs if target else None,
        tolerance_lu=target.tolerance_lu if target else 0.5,
        clearance_lu=clearance_of(levels),
        wanted_lu=levels.wanted_lu if levels and levels.speech else None,
        duck_db=None if plan is None or plan.gain_db is None else tenths(plan.gain_db.astype(np.float32)),
        speech=levels.speech if levels else inspected.speech,
        rests=plan.rests if plan else (),
        thumbnails=thumbnails(project.folder / "stills", evidence.duration_s) if project else (),
        notes=inspected.notes,
        facts=_facts(inspected),
    )


def _hits(planned: Planned) -> tuple[tuple[float, float, bool | None], ...]:
    """Every planned hit, and whether a beat landed on it as far as its run said."""
    rows = planned.project.report.get("hits", ()) if planned.project else ()
    landed = {(row["cue"], row["time_s"]): bool(row["landed"]) for row in rows}
    return tuple(
        (hit.time_s, hit.weight, landed.get((cue.id, hit.time_s))) for cue in planned.plan.cues for hit in cue.hits
    )


def _facts(inspected: Inspected) -> dict[str, str]:
    info, alignment, planned = inspected.film.info, inspected.alignment, inspected.planned
    sound = info.audio[0]
    facts = {
        "file": f"{info.container}, {clock(inspected.evidence.duration_s)}",
        "sound": f"{sound.codec}, {sound.sample_rate_hz} Hz, {sound.layout or f'{sound.channels} channels'}",
    }
    if inspected.source is not None:
        facts["source"] = inspected.source.name
    if alignment is not None:
        offset_ms = 1000 * alignment.offset_samples / SAMPLE_RATE_HZ
        facts["source's sound"] = (
            f"{offset_ms:+.1f} ms, the same in {alignment.agree} of {alignment.pieces} places looked at"
        )
    if planned is not None:
        facts["plan"] = planned.project.folder.name if planned.project else "a cue sheet"
    return facts
