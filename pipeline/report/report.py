"""The report: what the finished file measures, beside what was promised, and what fell short."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.compose import Composed
from pipeline.delivery.deliver import Delivered
from pipeline.delivery.verify import OFFSET_LIMIT_MS, Verified
from pipeline.heeding import Heed, heed
from pipeline.job import Job
from pipeline.listen import Heard
from pipeline.media.sound import bed_of
from pipeline.sound.automation import DEEPEST_DB
from pipeline.sound.clearance import SWELL_GAP_S, faintest_gap, spoken, voice_energy, worst_clearance
from pipeline.sound.join import Join
from pipeline.sound.lay import Laid
from pipeline.sound.level import LEAST_SWELL_LU
from pipeline.sound.master import Master
from scoring.cue_sheet import Cue, CueSheet
from scoring.timebase import TimeRange, clock

SCHEMA = "cuesmith.report/1"
LONGEST_GAP_S = 1.0


@dataclass(frozen=True, slots=True)
class Check:
    """One measured row. value None: it could not be measured, which is never a pass."""

    name: str
    value: float | None
    unit: str
    allowed: str
    passed: bool | None
    advice: str = ""


@dataclass(frozen=True, slots=True)
class HitRow:
    """A planned hit and the beat of the score nearest to it. error_ms: beat minus hit."""

    cue: str
    time_s: float
    weight: float
    error_ms: float
    landed: bool


@dataclass(frozen=True, slots=True)
class Report:
    """Everything measured on one run. Times are film seconds.

    dialogue: where somebody speaks, how far the music went down there, the film's own music and what was done about it.
    wishes: a row per cue of which something was asked.
    """

    checks: tuple[Check, ...]
    hits: tuple[HitRow, ...]
    dialogue: dict[str, Any]
    joins: tuple[Join, ...]
    cues: tuple[dict[str, Any], ...]
    loudness: dict[str, Any]
    losses: tuple[str, ...]
    warnings: tuple[str, ...]
    stages_s: dict[str, float]
    facts: dict[str, Any]
    wishes: tuple[Heed, ...] = ()

    @property
    def fell_short(self) -> list[Check]:
        """The rows that failed."""
        return [check for check in self.checks if check.passed is False]

    def to_json(self) -> dict[str, Any]:
        """A versioned document of plain, finite values."""
        document = {"schema": SCHEMA, **asdict(self), "fell_short": [check.name for check in self.fell_short]}
        plain: dict[str, Any] = _finite(document)
        return plain

    def to_text(self) -> str:
        """The document as indented JSON."""
        return json.dumps(self.to_json(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def make_report(
    job: Job, heard: Heard, sheet: CueSheet, composed: Composed, laid: Laid, master: Master, delivered: Delivered
) -> Report:
    """Put what the stages measured into rows, each beside what is allowed."""
    hits = _hits(sheet, composed)
    return Report(
        checks=(
            *_checks(sheet, laid.longest_gap_s, master, delivered.verified),
            *_hit_checks(sheet, hits),
            *_speech_checks(job, heard, sheet, master),
        ),
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
    )


def _checks(sheet: CueSheet, gap_s: float, master: Master, verified: Verified) -> list[Check]:
    target, measured = master.target, master.measured
    off_lu = measured.integrated_lufs - target.integrated_lufs
    return [
        Check(
            "integrated loudness",
            measured.integrated_lufs,
            "LUFS",
            f"{target.integrated_lufs:g} ±{target.tolerance_lu:g}",
            abs(off_lu) <= target.tolerance_lu,
            "A film of near silence cannot be brought to the standard" if not math.isfinite(off_lu) else "",
        ),
        Check(
            "true peak",
            measured.true_peak_dbtp,
            "dBTP",
            f"at most {target.true_peak_dbtp:g}",
            measured.true_peak_dbtp <= target.true_peak_dbtp,
        ),
        Check("loudness range", measured.range_lu, "LU", "reported only", None),
        Check(
            "sound length minus picture length",
            1000 * verified.length_error_s,
            "ms",
            f"±{1000 * verified.frame_s:.1f} (one frame)",
            abs(verified.length_error_s) <= verified.frame_s,
        ),
        Check(
            "sound offset after muxing",
            verified.offset_ms,
            "ms",
            f"±{OFFSET_LIMIT_MS:g}",
            None if verified.offset_ms is None else abs(verified.offset_ms) <= OFFSET_LIMIT_MS,
        ),
        Check(
            "longest gap in the music",
            gap_s,
            "s",
            f"at most {LONGEST_GAP_S:g} outside planned silences",
            gap_s <= LONGEST_GAP_S,
        ),
    ]


def _hit_checks(sheet: CueSheet, hits: list[HitRow]) -> list[Check]:
    """Hits of cues whose beats lie where they were planned; where only others have any, nothing can be measured."""
    name = "planned hits on a beat, by weight"
    if not hits:
        planned = any(hit.weight > 0 for cue in sheet.cues for hit in cue.hit_points)
        advice = "The engine keeps its tempo only roughly, and its beats are not measured"
        return [Check(name, None, "share", "reported only", None, advice)] if planned else []
    weight = sum(hit.weight for hit in hits)
    landed = sum(hit.weight for hit in hits if hit.landed) / weight
    chance = sum(hit.weight * _chance(sheet, hit) for hit in hits) / weight
    return [Check(name, landed, "share", f"chance {chance:.2f}", None)]


def _speech_checks(job: Job, heard: Heard, sheet: CueSheet, master: Master) -> list[Check]:
    """Clearance and swell, measured on the gained stems; none without speech or with it replaced."""
    speech = heard.analysis.speech.ranges
    if not speech or job.wish.dialogue == "replace":
        return []
    mixed, is_ducked = master.mixed, job.wish.dialogue == "duck"
    voice = voice_energy(mixed.source_energy, mixed.centre_energy, speech)
    speech = spoken(speech, voice)
    rows = [_clearance_row("speech over music, worst 3 s", job, mixed.source_energy, mixed.music_energy, speech)]
    if mixed.centre_energy is not None:
        name = "speech over music against the centre, worst 3 s"
        carries = voice is mixed.centre_energy
        row = _clearance_row(name, job, mixed.centre_energy, mixed.music_energy, speech)
        rows.append(row if carries else replace(row, passed=None, advice="The centre does not carry the speech"))
    quiet = [*master.levels.muted, *(TimeRange(s.start_s, s.end_s) for s in sheet.silences)]
    faintest = faintest_gap(voice, mixed.music_energy, speech, quiet)
    if faintest is not None:
        rows.append(
            Check(
                f"music between the words over speech, at its faintest (gaps of {SWELL_GAP_S:g} s and more)",
                faintest.swell_lu,
                "LU",
                f"at least {LEAST_SWELL_LU:g}",
                faintest.swell_lu >= LEAST_SWELL_LU if is_ducked else None,
                f"At {clock(faintest.range.start_s)} the music stays low between the words; see --music-level",
            )
        )
    return rows


def _clearance_row(
    name: str, job: Job, voice: NDArray[np.float64], music: NDArray[np.float64], speech: tuple[TimeRange, ...]
) -> Check:
    wanted_lu = job.wish.clearance_lu
    worst = worst_clearance(voice, music, speech)
    if worst is None:
        return Check(name, None, "LU", f"at least {wanted_lu:g}", None)
    short_lu = wanted_lu - worst.worst_lu
    advice = (
        f"At {clock(worst.at_s)} the film's own mix leaves the speech {short_lu:.1f} LU short, with the music "
        f"{DEEPEST_DB:g} dB down, as far as it goes; lower it with --music-level, or ask for less with --clearance"
    )
    judged = worst.worst_lu >= wanted_lu if job.wish.dialogue == "duck" else None
    return Check(name, worst.worst_lu, "LU", f"at least {wanted_lu:g}", judged, advice)


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


def _chance(sheet: CueSheet, row: HitRow) -> float:
    """How likely a beat lies within a hit's tolerance by chance: min(1, 2w/T) (peer metrics, row A1)."""
    cue = next(c for c in sheet.cues if c.id == row.cue)
    hit = min(cue.hit_points, key=lambda h: abs(h.time_s - row.time_s))
    return min(1.0, 2 * hit.tolerance_ms / 1000 / cue.beat_s)


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
    }


def _finite(value: Any) -> Any:
    """JSON has no infinity: a level of silence becomes null."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
