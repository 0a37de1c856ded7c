"""Beats and accents against the planned hits (rows A)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.card.beats import Beats, NoPulse, read_beats
from pipeline.card.evidence import CuePlan, Evidence, Series
from pipeline.card.limits import judged, limits, unmeasured
from pipeline.card.row import Row, Status
from pipeline.card.track import ONSET_HZ, Track
from scoring.cue_sheet import HitPoint
from scoring.timebase import TimeRange

TABLE_FRAME_S = 0.04  # the table's frames are of 25 a second
LEAST_HITS, SURE_HITS = 4, 12  # fewer say nothing of chance; fewer do not fail a film
HEAVY_HITS = 3  # fewer in a cue do not fail it
SHIFTS = 500
CEMGIL_S = 0.04
READ_S = 0.02  # a beat that is read this much beyond a tolerance may still lie within it
NEAR_S = 0.08  # how far from a hit its onset may be
STRONG, STRIKING = 75, 95  # percentiles of a cue's onset curve: an onset; one that is heard as an accent without a beat
_WORST = ("fail", "warn", "pass")
_NAMES = ("A1", "A2", "A3", "A4", "A5")


@dataclass(frozen=True, slots=True)
class _Played:
    """A cue and its beats."""

    cue: CuePlan
    beats: Beats

    @property
    def beat_s(self) -> float:
        """Its usual length."""
        return float(np.median(np.diff(self.beats.measured_s)))

    def errors_s(self) -> Series:
        """[H] from each hit to the beat nearest to it."""
        return np.array([np.abs(self.beats.measured_s - hit.time_s).min() for hit in self.cue.hits])


def sync_rows(evidence: Evidence) -> list[Row]:
    """Sync beside chance, offset against the plan, accents on heavy hits."""
    if evidence.plan is None or evidence.music is None:
        why = "Without a cue sheet nobody knows what the beats were to meet" if evidence.music else "There is no music"
        return [unmeasured(name, why) for name in _NAMES]
    readings = [(cue, read_beats(evidence.music, cue, evidence.plan)) for cue in evidence.plan.cues]
    played = [_Played(cue, reading) for cue, reading in readings if isinstance(reading, Beats)]
    still = [(cue, reading.why) for cue, reading in readings if isinstance(reading, NoPulse)]
    frame_s = evidence.encoded.frame_s if evidence.encoded else TABLE_FRAME_S
    return [*_chance_rows(played, still), _offset_row(played, still, frame_s), _heavy_row(evidence, played, still)]


def _chance_rows(played: Sequence[_Played], still: Sequence[tuple[CuePlan, str]]) -> list[Row]:
    """A1, A2 and A5: how often a beat meets a hit, and how often one would by chance."""
    met = [one for one in played if one.cue.hits]
    if not met:
        why = _whys(still) if any(cue.hits for cue, _ in still) else "No hit is planned"
        return [unmeasured(name, why) for name in ("A1", "A2", "A5")]
    errors_s = np.concatenate([one.errors_s() for one in met])
    tolerances_s = np.array([hit.tolerance_ms / 1000 for one in met for hit in one.cue.hits])
    beats_s = np.concatenate([np.full(len(one.cue.hits), one.beat_s) for one in met])
    rate = float((errors_s <= tolerances_s).mean())
    chance = float(np.minimum(1.0, 2 * tolerances_s / beats_s).mean())
    detail = {
        "hits": errors_s.size,
        "hits_without_pulse": sum(len(cue.hits) for cue, _ in still),
        "hit_rate": round(rate, 3),
        "chance": round(chance, 3),
    }
    cemgil = float(np.exp(-0.5 * (errors_s / CEMGIL_S) ** 2).mean())
    return [
        judged("A1", rate, detail=detail),
        _beyond_chance(met, rate, chance, detail),
        judged("A5", cemgil, detail={"hits": errors_s.size}),
    ]


def _beyond_chance(met: Sequence[_Played], rate: float, chance: float, detail: dict[str, float]) -> Row:
    """A2. Fails only where there are many hits and half the shifted grids do as well."""
    if detail["hits"] < LEAST_HITS or chance >= 1:
        return unmeasured("A2", f"{detail['hits']} hits are too few to tell sync from chance", detail=detail)
    odds = _odds(met, rate)
    is_certain = detail["hits"] >= SURE_HITS and odds > 0.5
    most: Status = "fail" if is_certain else "warn"
    return judged("A2", (rate - chance) / (1 - chance), most=most, detail={**detail, "p": round(odds, 3)})


def _odds(met: Sequence[_Played], rate: float) -> float:
    """The share of SHIFTS circular shifts of every cue's beats that meet as many hits or more."""
    rng = np.random.default_rng(0)
    hits = np.zeros(SHIFTS)
    total = 0
    for one in met:
        length_s = one.cue.range.duration_s
        shifts_s = rng.uniform(0, length_s, SHIFTS)
        beats_s = np.sort(one.beats.measured_s - one.cue.range.start_s)
        for hit in one.cue.hits:
            apart_s = (hit.time_s - one.cue.range.start_s - shifts_s[:, None] - beats_s) % length_s
            hits += np.minimum(apart_s, length_s - apart_s).min(axis=1) <= hit.tolerance_ms / 1000
            total += 1
    return float((1 + (hits >= round(rate * total)).sum()) / (1 + SHIFTS))


_SPREAD_S = 0.05  # beats that lie further apart than this, half of them, place no grid surely (0.02 s is usual)


def _offset_row(played: Sequence[_Played], still: Sequence[tuple[CuePlan, str]], frame_s: float) -> Row:
    """A3, of the cue that lies furthest off its plan. Its value is signed, late being positive."""
    limit, frames = limits()["A3"], TABLE_FRAME_S / frame_s
    rows, others = [], {}
    for one in played:
        if one.beats.planned_s is None:
            continue
        late = (one.beats.measured_s - one.beats.planned_s) / frame_s
        median = float(np.median(late))
        others[one.cue.id] = round(median, 2)
        low, high = np.percentile(late, (25, 75))
        row = judged(
            "A3",
            abs(median),
            at_s=one.cue.range.start_s,
            cue=one.cue.id,
            good=limit.good * frames,
            bad=limit.bad * frames,
            allowed=f"within {limit.bad * frames:.1f} either way",
            most="warn" if float(high - low) * frame_s > _SPREAD_S else "fail",
            late=median,
            detail={"iqr_frames": round(float(high - low), 2), "late_ms": round(1000 * median * frame_s, 1)},
        )
        rows.append(replace(row, value=median))
    if not rows:
        return unmeasured("A3", "The music plays at another tempo, see C1" if played else _whys(still))
    worst = min(rows, key=lambda row: (_WORST.index(row.status), -abs(row.value or 0.0)))
    return replace(worst, detail={**worst.detail, "late_frames_of_cues": others})


def _heavy_row(evidence: Evidence, played: Sequence[_Played], still: Sequence[tuple[CuePlan, str]]) -> Row:
    """A4, of the cue that leaves most of its hits unanswered. Hits that the plan's own beats miss do not count."""
    assert evidence.music is not None
    beats = {one.cue.id: one.beats for one in played}
    rows, others = [], {}
    for cue in [*(one.cue for one in played), *(cue for cue, _ in still)]:
        if cue.withheld:
            continue
        row = _heavy_row_of(evidence.music, cue, beats.get(cue.id))
        if row is not None:
            rows.append(row)
            others[cue.id] = round(row.value or 0.0, 3)
    if not rows:
        return unmeasured("A4", "No hit is planned that a planned beat meets")
    worst = min(rows, key=lambda row: (_WORST.index(row.status), row.value))
    return replace(worst, detail={**worst.detail, "share_of_cues": others})


def _heavy_row_of(music: Track, cue: CuePlan, beats: Beats | None) -> Row | None:
    planned_s = np.array(cue.beats_s)
    hits = [h for h in cue.hits if planned_s.size and np.abs(planned_s - h.time_s).min() <= h.tolerance_ms / 1000]
    if not hits:
        return None
    curve = music.onset[music.onsets(cue.range)]
    least = float(np.percentile(curve, STRONG if beats else STRIKING)) if curve.size else 0.0
    missed = [hit for hit in hits if not (_beaten(hit, beats) and _struck(music, hit, least))]
    total = sum(hit.weight for hit in hits)
    heaviest = max(missed, key=lambda hit: hit.weight, default=hits[0])
    is_certain = beats is not None and len(hits) >= HEAVY_HITS
    return judged(
        "A4",
        1.0 - sum(hit.weight for hit in missed) / total,
        at_s=heaviest.time_s,
        cue=cue.id,
        most="fail" if is_certain else "warn",
        detail={"hits": len(hits), "missed_s": [round(hit.time_s, 3) for hit in missed], "pulse": beats is not None},
    )


def _beaten(hit: HitPoint, beats: Beats | None) -> bool:
    """Whether a beat meets it. Where there is no pulse, none is asked for."""
    return beats is None or bool(np.abs(beats.measured_s - hit.time_s).min() <= hit.tolerance_ms / 1000 + READ_S)


def _struck(music: Track, hit: HitPoint, least: float) -> bool:
    """Whether something begins with it."""
    near_s = max(NEAR_S, hit.tolerance_ms / 1000)
    near = music.onset[music.onsets(TimeRange(max(0.0, hit.time_s - near_s), hit.time_s + near_s + 1 / ONSET_HZ))]
    return bool(near.size and near.max() > least)


def _whys(still: Sequence[tuple[CuePlan, str]]) -> str:
    """One sentence of why the cues have no beats."""
    return "; ".join(why for _, why in still) or "No cue is planned"
