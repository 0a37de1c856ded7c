"""What the page shows of a run."""

from __future__ import annotations

import io
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.card.evidence import Evidence, Levels, Series
from pipeline.chart.strip import read_still, stills_in
from pipeline.report.report import Report
from pipeline.report.run import Run
from pipeline.report.shown import Felt, Shown, Thumbnail
from pipeline.sound.automation import RATE_HZ
from pipeline.sound.clearance import STEPS_PER_S, clearance_curve
from pipeline.sound.loudness import short_term_lufs

MOST_THUMBNAILS = 24
_SIDE_PX, _QUALITY = 160, 70


def show(run: Run, evidence: Evidence, report: Report) -> Shown:
    """The page of a run."""
    curve = run.heard.analysis.curve
    plan = evidence.plan
    return Shown(
        title=run.job.known.title_of(run.job.film.path),
        duration_s=evidence.duration_s,
        rows=report.checks,
        felt=Felt(curve.times_s, curve.valence, curve.arousal, curve.tension),
        cuts_s=() if plan is None else plan.cuts_s,
        cues=run.sheet.cues,
        beats_s=() if plan is None else tuple(t for cue in plan.cues for t in cue.beats_s),
        bars_s=() if plan is None else tuple(t for cue in plan.cues for t in cue.bars_s),
        hits=_hits(run, report),
        music_peak=None if evidence.music is None else evidence.music.peak.astype(np.float64),
        film_peak=None if evidence.whole is None else evidence.whole.peak.astype(np.float64),
        short_term_lufs=None if evidence.whole is None else short_term_lufs(evidence.whole.energy),
        target_lufs=run.master.target.integrated_lufs,
        tolerance_lu=run.master.target.tolerance_lu,
        clearance_lu=clearance_of(evidence.levels),
        wanted_lu=None if evidence.levels is None or not evidence.levels.speech else evidence.levels.wanted_lu,
        duck_db=tenths(run.master.levels.automation.gain_db),
        speech=() if evidence.levels is None else evidence.levels.speech,
        rests=run.rests,
        thumbnails=thumbnails(run.job.workspace.folder / "stills", evidence.duration_s),
        tried=tuple(asdict(attempt) for attempt in report.tried),
        notes=report.warnings,
        facts=_facts(run, report),
    )


def clearance_of(levels: Levels | None) -> Series | None:
    """[K] speech over music in 3 s windows by their middles, NaN without speech; None where nobody speaks."""
    if levels is None or not levels.speech:
        return None
    return clearance_curve(levels.voice, levels.music, levels.speech)


def thumbnails(stills: Path, duration_s: float) -> tuple[Thumbnail, ...]:
    """Small copies of a workspace's stills, evenly spaced; none where it has none."""
    from PIL import Image

    kept = stills_in(stills)
    count = min(MOST_THUMBNAILS, len(kept))
    made = []
    for number in np.linspace(0, len(kept) - 1, count):
        still = kept[round(number)]
        pixels = read_still(still.path)
        if pixels is None:
            continue
        picture = Image.fromarray(pixels)
        picture.thumbnail((_SIDE_PX, _SIDE_PX))
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=_QUALITY)
        made.append(Thumbnail(min(duration_s, still.time_s), out.getvalue()))
    return tuple(made)


def _hits(run: Run, report: Report) -> tuple[tuple[float, float, bool | None], ...]:
    """Every planned hit, and whether it landed; None where its engine's beats are not known."""
    landed = {(row.cue, row.time_s): row.landed for row in report.hits}
    return tuple(
        (hit.time_s, hit.weight, landed.get((cue.id, hit.time_s)))
        for cue in run.sheet.cues
        for hit in cue.hit_points
        if hit.weight > 0
    )


def _facts(run: Run, report: Report) -> dict[str, str]:
    stages = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in report.stages_s.items())
    engines = dict.fromkeys(take.engine for take in run.composed.score.takes)
    return {
        "style": run.sheet.style,
        "seed": str(run.sheet.seed),
        "read by": run.sheet.analyser,
        "composed by": ", ".join(f"{name} {run.composed.by.versions.get(name, '')}".strip() for name in engines),
        "standard": f"{run.master.target.title} ({run.master.target.source})",
        "sound": f"gain {run.master.gain_db:+.1f} dB, limited at {run.master.ceiling_dbtp:.1f} dBTP",
        "took": stages,
    }


def tenths(gain_db: NDArray[np.float32]) -> Series | None:
    """A gain curve at ten points a second, the lowest of each; None where it is flat."""
    if not np.any(gain_db):
        return None
    each = RATE_HZ // STEPS_PER_S
    whole = gain_db[: gain_db.size // each * each].reshape(-1, each)
    return np.asarray(whole.min(axis=1), np.float64)
