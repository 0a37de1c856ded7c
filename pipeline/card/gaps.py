"""Silence and tails (rows G1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.card.evidence import CuePlan, Evidence, cue_at
from pipeline.card.laid import ungained
from pipeline.card.limits import judged, unmeasured
from pipeline.card.row import Row, Status
from pipeline.card.track import CLICK_HZ, Track
from pipeline.sound.clearance import STEPS_PER_S
from pipeline.sound.loudness import AUDIBLE_LUFS, SILENCE_LUFS, lufs_of
from scoring.timebase import TimeRange, clock

_UNDER_BODY_LU = 40.0  # music that far under its own body has stopped, however loud the body is
_LEAST_UNDER_BODY_LU = 25.0  # and music that is soft throughout has not, though it is under AUDIBLE_LUFS
_FADED_S = 0.4  # a planned rest's music fades within this on either side
_POINTS = CLICK_HZ // STEPS_PER_S
_EDGE_STEPS = 2  # the meter's filter rings on for less
_CLEAR_FALL = 10.0  # a gap whose fine curve is not that far below its surroundings has no edge to find
_NATURAL_FALL_DB = 18.0  # in two tenths of a second: a room's ring falls by 6 to 18 dB, a cut by more
_NATURAL_SHARE = 0.1  # of a cue: the silence that may follow its natural end
_RELEASE_S = 0.25  # a last note that was let go, however dry, ends that much before its cue
_TAIL_SHARE = 0.1
_LEAST_TAIL_S = 2.0  # of a short cue's tenth, one decaying chord would be all
_LEAST_MUSIC_S = 1.0
_RESIDUE_DB = 22.0  # the film's own sound, taken away, leaves a trace that far under it at most
_MOST_HIDDEN = 0.5  # of the music


@dataclass(frozen=True, slots=True)
class _Heard:
    """The music's loudness as if its gain had not been changed.

    level_lufs: [K]. meant: [K] where music is meant and can be heard. hidden: [K] where what is left of the film's own
    sound may stand in its place.
    """

    track: Track
    level_lufs: NDArray[np.float64]
    meant: NDArray[np.bool_]
    hidden: NDArray[np.bool_]
    body_lufs: float

    @property
    def floor_lufs(self) -> float:
        """Below it the music has stopped."""
        absolute = min(AUDIBLE_LUFS, self.body_lufs - _LEAST_UNDER_BODY_LU)
        return max(absolute, self.body_lufs - _UNDER_BODY_LU)


@dataclass(frozen=True, slots=True)
class _Gap:
    """start_s: the track's time. excess_s: of its length what nothing excuses."""

    start_s: float
    length_s: float
    excess_s: float


def gap_rows(evidence: Evidence) -> list[Row]:
    """The longest gap, and whether the music dies away early. Without a plan neither fails: a rest may be meant."""
    cues = _cues(evidence)
    heard = _listen(evidence, cues)
    if isinstance(heard, str):
        return [unmeasured(name, heard) for name in ("G1", "G1-tail")]
    most: Status = "warn" if evidence.plan is None else "fail"
    return [_longest(evidence, heard, cues, most), _tail(evidence, heard, cues, most)]


def _cues(evidence: Evidence) -> list[CuePlan]:
    return [cue for cue in evidence.plan.cues if not cue.withheld] if evidence.plan else []


def _listen(evidence: Evidence, cues: list[CuePlan]) -> _Heard | str:
    """Or why there is nothing to hear."""
    track = evidence.music
    if track is None:
        return "The music cannot be told from the rest of the sound"
    energy, audible = ungained(evidence, track)
    meant = audible & _meant(evidence, track, cues)
    if meant.sum() < _LEAST_MUSIC_S * STEPS_PER_S:
        return "There is too little music for it"
    level_lufs = np.array([lufs_of(float(step)) for step in np.maximum(energy, 1e-12)])
    body_lufs = _body_lufs(energy[meant])
    if evidence.plan is None and body_lufs <= SILENCE_LUFS:
        return "There is no music to be heard"
    hidden = _hidden(evidence, track)
    if hidden[meant].mean() > _MOST_HIDDEN:
        return "The film's own sound covers the music"
    return _Heard(track, level_lufs, meant, hidden, body_lufs)


def _meant(evidence: Evidence, track: Track, cues: list[CuePlan]) -> NDArray[np.bool_]:
    """[K] where the plan has music; everywhere without a plan."""
    meant = np.full(track.energy.size, evidence.plan is None)
    meant[track.steps(TimeRange(0.0, max(0.1, evidence.duration_s))).stop :] = False
    for cue in cues:
        meant[track.steps(cue.range)] = True
    for rest in evidence.plan.rests if evidence.plan else ():
        meant[track.steps(TimeRange(rest.start_s - _FADED_S, rest.end_s + _FADED_S))] = False
    return meant


def _hidden(evidence: Evidence, track: Track) -> NDArray[np.bool_]:
    whole = evidence.whole
    if whole is None or not evidence.has_source:
        return np.zeros(track.energy.size, bool)
    size = min(track.energy.size, whole.energy.size)
    hidden = np.zeros(track.energy.size, bool)
    hidden[:size] = track.energy[:size] < whole.energy[:size] * 10 ** (-_RESIDUE_DB / 10)
    return hidden


def _body_lufs(energy: NDArray[np.float64]) -> float:
    """Loudness of the steps that count, gated as BS.1770 gates its blocks."""
    loud = energy[energy > 10 ** (SILENCE_LUFS / 10)]
    return lufs_of(float(loud[loud > loud.mean() / 10].mean())) if loud.size else SILENCE_LUFS


def _longest(evidence: Evidence, heard: _Heard, cues: list[CuePlan], most: Status) -> Row:
    gaps = _gaps(heard, cues)
    worst = max(gaps, key=lambda gap: gap.excess_s, default=_Gap(0.0, 0.0, 0.0))
    detail = {
        "body_lufs": round(heard.body_lufs, 1),
        "gaps": [[round(gap.start_s, 2), round(gap.length_s, 2)] for gap in gaps if gap.length_s >= 0.5][:20],
    }
    at_s = worst.start_s if worst.excess_s else None
    cue = cue_at(cues, worst.start_s, 0.1) if worst.excess_s else ""
    return judged("G1", worst.excess_s, at_s=at_s, cue=cue, most=most, detail=detail, at=clock(worst.start_s))


def _gaps(heard: _Heard, cues: list[CuePlan]) -> list[_Gap]:
    """Every stretch under the floor. The fine curve says where within a tenth of a second it begins and ends."""
    fallen = heard.level_lufs < heard.body_lufs - _LEAST_UNDER_BODY_LU
    quiet = (heard.level_lufs < heard.floor_lufs) | (heard.hidden & fallen)
    quiet = _bridged(quiet & heard.meant, heard.hidden & heard.meant)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(np.int8))).reshape(-1, 2)
    found = []
    for first, last in edges.tolist():
        before, after = _edges_s(heard, first, last)
        start_s = heard.track.starts_at_s + first / STEPS_PER_S - before
        length_s = (last - first) / STEPS_PER_S + before + after
        found.append(_Gap(start_s, length_s, max(0.0, length_s - _excused_s(heard, cues, first, last))))
    return found


def _bridged(quiet: NDArray[np.bool_], hidden: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Stretches that cannot be heard count as quiet where they lie between two that are."""
    joined = quiet | hidden
    edges = np.flatnonzero(np.diff(np.concatenate([[False], joined, [False]]).astype(np.int8))).reshape(-1, 2)
    kept = np.zeros(quiet.size, bool)
    for first, last in edges:
        inside = np.flatnonzero(quiet[first:last])
        if inside.size:
            kept[first + inside[0] : first + inside[-1] + 1] = True
    return kept


def _edges_s(heard: _Heard, first: int, last: int) -> tuple[float, float]:
    """How much longer the gap is at either end than its whole steps say."""
    click = heard.track.click
    inside = click[first * _POINTS : last * _POINTS]
    before = click[max(0, first - _EDGE_STEPS) * _POINTS : first * _POINTS]
    after = click[last * _POINTS : (last + _EDGE_STEPS) * _POINTS]
    return _quiet_s(inside, before[::-1]), _quiet_s(inside, after)


def _quiet_s(inside: NDArray[np.float32], outward: NDArray[np.float32]) -> float:
    """For how long the fine curve stays nearer the gap than its surroundings, going outward."""
    if inside.size == 0 or outward.size == 0:
        return 0.0
    low, high = float(np.median(inside)) + 1e-7, float(outward.max())
    if high < low * _CLEAR_FALL:
        return 0.0
    loud = np.flatnonzero(outward > (low * high) ** 0.5)
    return float(loud[0]) / CLICK_HZ if loud.size else 0.0


def _excused_s(heard: _Heard, cues: list[CuePlan], first: int, last: int) -> float:
    """How long the gap may be because it follows the last cue's natural end."""
    if not cues or cues[-1].ends != "end" or first < 2:
        return 0.0
    end = cues[-1]
    if (last + 1) / STEPS_PER_S + heard.track.starts_at_s < end.range.end_s - 0.05:
        return 0.0
    fall_db = heard.level_lufs[first - 2] - max(heard.level_lufs[first], heard.floor_lufs - _NATURAL_FALL_DB)
    return max(_RELEASE_S, _NATURAL_SHARE * end.range.duration_s if fall_db <= _NATURAL_FALL_DB else 0.0)


def _tail(evidence: Evidence, heard: _Heard, cues: list[CuePlan], most: Status) -> Row:
    cue = cues[-1] if cues else None
    whole = cue.range if cue else TimeRange(0.0, evidence.duration_s)
    length_s = min(whole.duration_s / 2, max(_LEAST_TAIL_S, _TAIL_SHARE * whole.duration_s))
    steps = heard.track.steps(TimeRange(whole.end_s - length_s, whole.end_s))
    named = cue.id if cue else ""
    inside = heard.meant[steps]
    if inside.sum() < STEPS_PER_S / 2:
        return unmeasured("G1-tail", "No music is meant at the end", cue=named)
    if heard.body_lufs <= SILENCE_LUFS:
        return unmeasured("G1-tail", "There is no music to be heard", cue=named)
    energy = 10 ** (heard.level_lufs[steps][inside] / 10)
    tail_lu = 10 * float(np.log10(energy.mean())) - heard.body_lufs
    detail = {"body_lufs": round(heard.body_lufs, 1), "tail_s": round(length_s, 2)}
    at_s = whole.end_s - length_s
    what = f"{cue.id} ends" if cue else "the film ends"
    return judged("G1-tail", tail_lu, at_s=at_s, cue=named, most=most, detail=detail, what=what)
