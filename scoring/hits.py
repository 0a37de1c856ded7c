"""Hit points: the few picture moments a minute that the music should land on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from scoring.analysis import Activity, Analysis, Curve, CutKind
from scoring.change_points import nearest_frame_s
from scoring.cue_sheet import HitKind, HitPoint
from scoring.edit import Mark
from scoring.feeling import RATE_HZ, Feeling, smooth
from scoring.json_fields import DECIMALS
from scoring.limits import LONGEST_TOLERANCE_MS
from scoring.timebase import FrameRate, TimeRange

TOLERANCE_MS = 80.0  # ARCHITECTURE.md, "One set of numbers"
HITS_PER_MINUTE = 4.0  # composer.md: 3 to 5 hero hits a minute
SPACING_S = 2.0  # design choice: hits nearer than this would be a pattern of their own
LEAST_WEIGHT = 0.3  # design choice: what is weaker is not worth bending the music for

# Everything below is a design choice, ordered as peers.md §5: story turn > reveal > action > scene change > cut.
# A dissolve or a fade has no instant to strike: by itself it is too light for a hit, and where a cue begins with it, it
# is a slow turn that may land anywhere in its inner half.
CUT_WEIGHT: dict[CutKind, tuple[float, float]] = {"cut": (0.3, 0.4), "dissolve": (0.1, 0.15), "fade": (0.1, 0.15)}
ACCENT_WEIGHT = (0.3, 0.4)  # of the least and of the strongest motion peak or sound accent, first and added
CUE_START_BONUS = 0.3
SAME_MOMENT_S = 0.2  # a crash a few frames after its cut is one moment with it
NEAR_TURN_S = 1.5  # a turn of the curve belongs to the strongest moment this near
TURN_WINDOW_S = 3.0  # a turn compares this long before with this long after
TURN_STEP = 0.5  # of valence, arousal and tension together
PEAK_WINDOW_S = 2.0  # a motion peak stands out from its surroundings of this length either side
PEAK_DEVIATIONS = 2.5
PEAK_LEAST = 0.08  # of full motion: no peaks in a still picture's noise
ACCENT_BEFORE_S, ACCENT_AFTER_S = 0.6, 0.2
ACCENT_RISE_DB, ACCENT_SPAN_DB = 9.0, 15.0
NOISE_FLOOR_DB = -60.0  # what is quieter counts as this loud

_PRECISION: dict[HitKind, int] = {"cut": 0, "sound": 1, "motion": 2, "turn": 3}  # which of one moment's times is exact


@dataclass(frozen=True, slots=True)
class _Moment:
    time_s: float
    weight: float
    kind: HitKind
    tolerance_ms: float = TOLERANCE_MS


def choose_hits(
    analysis: Analysis,
    feeling: Feeling,
    ranges: Sequence[TimeRange],
    frame_rate: FrameRate,
    marks: Sequence[Mark] = (),
) -> list[tuple[HitPoint, ...]]:
    """The hit points of every cue, from cuts, motion peaks, sound accents and turns of the feeling.

    About HITS_PER_MINUTE over the film, at least SPACING_S apart, the heaviest first. A cue that starts on a cut has
    a hit there; one that starts on a dissolve or a fade a turn, whose tolerance is a quarter of what that takes.
    marks: a person's; each is a locked hit, however near to another, and nothing else is one within SPACING_S of it.
    """
    moments = _merge([*_cuts(analysis, frame_rate), *_motion_peaks(analysis.activity), *_accents(analysis.activity)])
    moments = _with_turns(moments, feeling)
    times_s = [moment.time_s for moment in moments]
    chosen: list[tuple[HitPoint, ...]] = []
    taken = 0
    for stretch in ranges:
        # The next cue's start will be a hit; the film's end needs no distance.
        until_s = stretch.end_s if stretch is ranges[-1] else stretch.end_s - SPACING_S
        inside = moments[bisect_left(times_s, stretch.start_s) : bisect_left(times_s, until_s)]
        quota = round(HITS_PER_MINUTE * stretch.end_s / 60) - taken
        most = max(1, round(HITS_PER_MINUTE * 1.25 * stretch.duration_s / 60))
        hits = _heaviest(inside, stretch.start_s, min(max(1, quota), most))
        hits = _with_marks(hits, [mark for mark in marks if stretch.contains(mark.time_s)])
        chosen.append(hits)
        taken += len(hits)
    return chosen


def _heaviest(moments: Sequence[_Moment], start_s: float, count: int) -> tuple[HitPoint, ...]:
    """At most `count` moments, SPACING_S apart; one at the cue's start comes first."""
    raised = [replace(m, weight=min(1.0, m.weight + CUE_START_BONUS)) if m.time_s == start_s else m for m in moments]
    kept: list[_Moment] = []
    for moment in sorted(raised, key=lambda m: (m.time_s != start_s, -m.weight, m.time_s)):
        if len(kept) == count:
            break
        if moment.weight >= LEAST_WEIGHT and all(abs(moment.time_s - k.time_s) >= SPACING_S for k in kept):
            kept.append(moment)
    kept.sort(key=lambda m: m.time_s)
    return tuple(HitPoint(m.time_s, round(m.weight, 3), m.tolerance_ms, m.kind) for m in kept)


def _with_marks(hits: tuple[HitPoint, ...], marks: Sequence[Mark]) -> tuple[HitPoint, ...]:
    """The hits with a person's marks among them, each at its very time; what is nearer than SPACING_S gives way."""
    times_s = sorted({round(mark.time_s, DECIMALS) for mark in marks})
    locked = [HitPoint(time_s, 1.0, TOLERANCE_MS, "manual", locked=True) for time_s in times_s]
    free = [hit for hit in hits if all(abs(hit.time_s - time_s) >= SPACING_S for time_s in times_s)]
    return tuple(sorted([*free, *locked], key=lambda hit: hit.time_s))


def _cuts(analysis: Analysis, frame_rate: FrameRate) -> Iterable[_Moment]:
    for cut in analysis.shots.cuts:
        least, more = CUT_WEIGHT[cut.kind]
        tolerance_ms = min(max(TOLERANCE_MS, round(1000 * cut.length_s / 4, 3)), LONGEST_TOLERANCE_MS)
        kind: HitKind = "cut" if cut.kind == "cut" else "turn"
        yield _Moment(nearest_frame_s(cut.time_s, frame_rate), least + more * cut.strength, kind, tolerance_ms)


def _motion_peaks(activity: Activity) -> Iterable[_Moment]:
    """Where motion bursts out of its surroundings; the time is the middle of the liveliest sample."""
    width = round(PEAK_WINDOW_S * activity.rate_hz)
    motion = np.asarray(activity.motion, np.float64)
    if len(motion) < 3:
        return
    above = motion - smooth(motion, 2 * width)
    deviation = max(float(np.median(np.abs(above))) * 1.4826, PEAK_LEAST / PEAK_DEVIATIONS)  # MAD as a normal's σ
    for k in _peaks(above, PEAK_DEVIATIONS * deviation, width // 2):
        strength = min(1.0, (float(above[k]) / deviation / PEAK_DEVIATIONS - 1) / 3)
        yield _Moment(round((k + 0.5) / activity.rate_hz, 6), ACCENT_WEIGHT[0] + ACCENT_WEIGHT[1] * strength, "motion")


def _accents(activity: Activity) -> Iterable[_Moment]:
    """Where the film's own sound jumps up; the time is the start of the first loud sample."""
    before, after = (max(1, round(s * activity.rate_hz)) for s in (ACCENT_BEFORE_S, ACCENT_AFTER_S))
    level_db = np.maximum(np.asarray(activity.sound_db, np.float64), NOISE_FLOOR_DB)
    if len(level_db) < before + after:
        return
    sums = np.concatenate([[0.0], np.cumsum(level_db)])
    rise_db = np.zeros(len(level_db))
    last = len(level_db) - after
    at = np.arange(before, last + 1)
    rise_db[before : last + 1] = (sums[at + after] - sums[at]) / after - (sums[at] - sums[at - before]) / before
    for k in _peaks(rise_db, ACCENT_RISE_DB, round(activity.rate_hz)):
        strength = min(1.0, (float(rise_db[k]) - ACCENT_RISE_DB) / ACCENT_SPAN_DB)
        yield _Moment(round(k / activity.rate_hz, 6), ACCENT_WEIGHT[0] + ACCENT_WEIGHT[1] * strength, "sound")


def _peaks(values: Curve, least: float, reach: int) -> list[int]:
    """Samples of at least `least` that nothing within `reach` samples exceeds; of equals the first."""
    peaks: list[int] = []
    for k in np.flatnonzero(values >= least).tolist():
        low = max(0, k - reach)
        if low + int(values[low : k + reach + 1].argmax()) == k:
            peaks.append(k)
    return peaks


def _merge(moments: list[_Moment]) -> list[_Moment]:
    """In order of time, what happens within SAME_MOMENT_S made one: heavier, at the time that is known best."""
    merged: list[_Moment] = []
    for moment in sorted(moments, key=lambda m: m.time_s):
        if not merged or moment.time_s - merged[-1].time_s > SAME_MOMENT_S:
            merged.append(moment)
            continue
        first, second = sorted((merged[-1], moment), key=lambda m: (_PRECISION[m.kind], m.time_s))
        # Two reasons to hit are better than one, never more than certain.
        weight = 1 - (1 - max(first.weight, second.weight)) * (1 - min(first.weight, second.weight) / 2)
        merged[-1] = replace(first, weight=weight)
    return merged


def _with_turns(moments: list[_Moment], feeling: Feeling) -> list[_Moment]:
    """The moments, those at which the feeling turns made heavier and named so.

    The curve knows a turn only to a second or so, too vague to land on: the moment gives the time.
    """
    width = round(TURN_WINDOW_S * RATE_HZ)
    values = feeling.stacked()
    if len(values) < 2 * width + 1 or not moments:
        return moments
    sums = np.concatenate([np.zeros((1, 3)), np.cumsum(values, axis=0)])
    at = np.arange(width, len(values) - width + 1)
    steps = np.linalg.norm((sums[at + width] - 2 * sums[at] + sums[at - width]) / width, axis=1)
    times_s = np.array([m.time_s for m in moments])
    turned = list(moments)
    for k in _peaks(steps, TURN_STEP, width):
        turn_s = (k + width) / RATE_HZ
        near = range(*np.searchsorted(times_s, [turn_s - NEAR_TURN_S, turn_s + NEAR_TURN_S]).tolist())
        if near:
            best = max(near, key=lambda n: turned[n].weight)
            turned[best] = replace(turned[best], weight=min(1.0, turned[best].weight + 0.2), kind="turn")
    return turned
