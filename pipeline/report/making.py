"""Put what the stages did and the card measured into a report."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pipeline.card.row import Row
from pipeline.compose import Composed
from pipeline.heeding import heed
from pipeline.job import Job
from pipeline.listen import Heard
from pipeline.media.sound import bed_of
from pipeline.report.report import HitRow, Report
from pipeline.report.run import Run
from pipeline.sound.master import Master
from scoring.cue_sheet import Cue, CueSheet
from scoring.request import Attempt


def make_report(run: Run, rows: tuple[Row, ...], again: tuple[Attempt, ...] = ()) -> Report:
    """What was done, beside the card's rows. again: what was composed again because the finished film failed."""
    job, heard, sheet, composed = run.job, run.heard, run.sheet, run.composed
    laid, master, delivered = run.laid, run.master, run.delivered
    hits = _hits(sheet, composed)
    return Report(
        checks=rows,
        hits=tuple(hits),
        dialogue=_dialogue(job, heard, master),
        joins=laid.joins,
        cues=tuple(_cue_row(cue, composed) for cue in sheet.cues),
        loudness={
            "target": asdict(master.target),
            "measured": asdict(master.measured),
            "source_lufs": heard.source_lufs,
            "music_lufs": laid.integrated_lufs,
            "gain_db": master.gain_db,
            "limiter_ceiling_dbtp": master.ceiling_dbtp,
            "encodes": master.tries,
            "music_gain_db": master.levels.music_gain_db,
            "source_gain_db": master.levels.source_gain_db,
        },
        losses=delivered.losses,
        warnings=tuple(job.clock.notes),
        stages_s={name: round(value, 3) for name, value in job.clock.stages_s.items()},
        facts={
            "video": job.film.info.to_json(),
            "is_variable_rate": heard.is_variable_rate,
            "analyser": sheet.analyser,
            "read_from": list(heard.analysis.curve.read_from),
            "analysis_was_kept": heard.was_kept,
            "engine": composed.by.why,
            "fallbacks": [list(row) for row in composed.fallbacks],
        },
        wishes=heed(sheet, {take.cue_id: take.unheeded for take in composed.score.takes}),
        tried=(*(attempt for take in composed.score.takes for attempt in take.tried), *again),
    )


def _dialogue(job: Job, heard: Heard, master: Master) -> dict[str, Any]:
    analysis = heard.analysis
    return {
        "mode": job.wish.dialogue,
        "clearance_lu": job.wish.clearance_lu,
        "bed": bed_of(job.film).name,
        "speech": analysis.speech.to_json()["regions"],
        "ducks": [
            {"start_s": d.range.start_s, "end_s": d.range.end_s, "depth_db": round(d.depth_db, 2)}
            for d in master.levels.ducks
        ],
        "source_music": [[r.start_s, r.end_s] for r in analysis.source_music.regions],
        "existing_music": job.wish.existing_music,
        "without_music": [[r.start_s, r.end_s] for r in master.levels.muted],
    }


def _hits(sheet: CueSheet, composed: Composed) -> list[HitRow]:
    rows = []
    for cue, take in zip(sheet.cues, composed.score.takes, strict=True):
        for hit in cue.hit_points:
            if take.engine not in composed.by.exact or not take.beats_s or hit.weight <= 0:
                continue
            nearest_s = min((cue.in_s + beat_s for beat_s in take.beats_s), key=lambda t: abs(t - hit.time_s))
            error_ms = 1000 * (nearest_s - hit.time_s)
            rows.append(HitRow(cue.id, hit.time_s, hit.weight, error_ms, abs(error_ms) <= hit.tolerance_ms))
    return rows


def _cue_row(cue: Cue, composed: Composed) -> dict[str, Any]:
    take = next(t for t in composed.score.takes if t.cue_id == cue.id)
    return {
        "id": cue.id,
        "in_s": cue.in_s,
        "out_s": cue.out_s,
        "mood": cue.mood,
        "bpm": cue.bpm,
        "key": str(cue.key),
        "metre": str(cue.metre),
        "engine": take.engine,
        "seed": take.seed,
        "composed_now": cue.id in composed.made,
        "chords": [asdict(chord) for chord in take.chords],
        "warnings": list(take.warnings),
        "withheld": take.withheld,
    }
