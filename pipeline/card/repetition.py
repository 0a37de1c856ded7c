"""How much the music repeats itself (row G3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.card.evidence import CuePlan, Evidence
from pipeline.card.laid import laid_gain_db, ungained
from pipeline.card.limits import judged, unmeasured
from pipeline.card.row import Row
from pipeline.card.track import MELS, Track
from pipeline.sound.clearance import STEPS_PER_S
from scoring.timebase import TimeRange

_BARS = 4
_LEAST_BARS = 12  # three blocks
_BLOCK_S = 8.0  # where no bars are known
_LEAST_S = 24.0
_LEAST_LAG_S = 1.5
_MOST_LAG_S = 180.0
# Likeness of chroma and mel over a block, step by step, against the stretch's own mean: a copy has 0.90 and more after
# coding, whatever its length in steps; the composer's own repeats, played anew, reach 0.80.
_ALIKE = 0.88
_SILENT = 1e-6  # mean square: −60 LUFS
_RANGE_DB = 60.0
_LEAST_MOVED_DB = 1.0  # away from a band's mean, all bands together: a held note stands still and is no loop
_LEAST_JUDGED = 0.6  # of a block's steps

_Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Repetition:
    """share: of all blocks, 0..1, those nearly identical to an earlier one. at_s: the first of them."""

    share: float
    at_s: float | None


def repetition_rows(evidence: Evidence) -> list[Row]:
    """One row per film, of its worst cue; without a plan of the whole, and then it only warns: a piece may be meant to
    come again, and where its bars lie is not known."""
    if evidence.music is None:
        return [unmeasured("G3", "There is no music to measure")]
    if evidence.plan is None:
        whole = TimeRange(0.0, max(evidence.duration_s, 1e-3))
        if whole.duration_s < _LEAST_S:
            return [unmeasured("G3", f"The music is shorter than {_LEAST_S:g} s")]
        found = repetition(evidence, evidence.music, whole, block_s=_BLOCK_S, least_lag_s=_LEAST_LAG_S)
        if found is None:
            return [unmeasured("G3", "There is too little music for it")]
        return [judged("G3", 100 * found.share, at_s=found.at_s, most="warn", who="The music", blocks="8 s blocks")]
    cues = [cue for cue in evidence.plan.cues if not cue.withheld and len(cue.bars_s) > _LEAST_BARS]
    if not cues:
        return [unmeasured("G3", f"No cue has {_LEAST_BARS} bars")]
    return [_worst(evidence, evidence.music, cues)]


def _worst(evidence: Evidence, track: Track, cues: Sequence[CuePlan]) -> Row:
    measured: list[tuple[Repetition, str]] = []
    for cue in cues:
        bar_s = (cue.bars_s[-1] - cue.bars_s[0]) / (len(cue.bars_s) - 1)
        found = repetition(evidence, track, cue.range, block_s=_BARS * bar_s, least_lag_s=bar_s)
        if found is not None:
            measured.append((found, cue.id))
    if not measured:
        return unmeasured("G3", "There is too little music for it")
    worst, cue_id = max(measured, key=lambda one: one[0].share)
    detail = {"cues": {name: round(100 * found.share, 1) for found, name in measured}}
    return judged(
        "G3", 100 * worst.share, at_s=worst.at_s, cue=cue_id, detail=detail, who=cue_id, blocks="four-bar blocks"
    )


def repetition(
    evidence: Evidence, track: Track, stretch: TimeRange, *, block_s: float, least_lag_s: float
) -> Repetition | None:
    """Blocks that begin at every step of a stretch, each against all that begin least_lag_s to three minutes earlier.

    None where there is too little music to compare.
    """
    part = track.steps(stretch)
    energy, judgeable = ungained(evidence, track)
    used = judgeable[part] & (energy[part] > _SILENT)
    block = max(1, round(block_s * STEPS_PER_S))
    steps = part.stop - part.start
    if steps < 2 * block or used.sum() < 2 * block:
        return None
    gain_db = np.where(judgeable, laid_gain_db(evidence, track), 0.0)[part]
    chroma, mel = _chroma(track.chroma[part]), _mel(track.mel_db[part] - gain_db[:, None], used)
    chroma[~used] = 0.0
    mel[~used] = 0.0
    starts = steps - block + 1
    alike = np.zeros(starts, bool)
    least_lag = max(1, round(least_lag_s * STEPS_PER_S) - 1)
    for lag in range(least_lag, min(starts - 1, round(_MOST_LAG_S * STEPS_PER_S)) + 1):
        both = used[lag:] & used[:-lag]
        likeness = 0.5 * (_inner(chroma, lag) + _inner(mel, lag))
        count = _sums(both.astype(np.float64), block)
        enough = count >= _LEAST_JUDGED * block
        alike[lag:] |= enough & (_sums(likeness, block) > _ALIKE * np.maximum(count, 1.0))
    judged_blocks = _sums(used.astype(np.float64), block)[least_lag:] >= _LEAST_JUDGED * block
    if judged_blocks.sum() < block:
        return None
    first = int(alike.argmax())
    at_s = track.starts_at_s + (part.start + first) / STEPS_PER_S if alike.any() else None
    return Repetition(float(alike.sum() / judged_blocks.sum()), at_s)


def _inner(rows: _Rows, lag: int) -> _Rows:
    return np.asarray(np.einsum("ij,ij->i", rows[lag:], rows[:-lag]))


def _sums(values: _Rows, block: int) -> _Rows:
    """The sum of every run of `block` values."""
    summed = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray(summed[block:] - summed[:-block])


def _chroma(chroma: NDArray[np.float32]) -> _Rows:
    rows = np.sqrt(np.maximum(chroma.astype(np.float64), 0.0))
    rows = rows / np.maximum(rows.max(axis=1, keepdims=True), 1e-9)
    return _unit(rows - rows.mean(axis=1, keepdims=True), 1e-9)


def _mel(mel_db: NDArray[np.floating], used: NDArray[np.bool_]) -> _Rows:
    """How each band differs from its own mean, so that what stands still all the time is no likeness."""
    rows = np.maximum(mel_db.astype(np.float64), float(mel_db[used].max()) - _RANGE_DB)
    return _unit(rows - rows[used].mean(axis=0), _LEAST_MOVED_DB * MELS**0.5)


def _unit(rows: _Rows, least: float) -> _Rows:
    """Rows of length one; those shorter than `least` stay that much shorter."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), least))
