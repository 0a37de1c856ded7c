"""Whether the music follows the film (rows D)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.card.evidence import Curve, Evidence, Levels, Plan, Series, cue_at
from pipeline.card.intended import intended_lu
from pipeline.card.limits import judged, unmeasured
from pipeline.card.row import Row, Status
from pipeline.sound.clearance import STEPS_PER_S, WINDOW_S
from scoring.timebase import clock

_ENDING_S = 4.0  # of the film: the last chord dies away, whatever the picture feels
_LEAST_S = 30  # chance alone reaches ρ = 0.53 in half a minute (peer metrics, D1)
_SURE_S = 35  # what is shorter only warns
_ROOM_S = 1.0  # around speech: an engine that makes room for it plays less there, whatever the film feels
_LEAST_SPREAD = 0.15  # a curve of less arousal, P95 − P10, asks for nothing that could be heard
_LEAST_ASKED_LU = 1.5  # music wavers by as much by itself
_APART_S = 10  # where film and music disagree is looked for in stretches of this length
_FLOOR = 1e-9


Seconds = NDArray[np.intp]


def following_rows(evidence: Evidence) -> list[Row]:
    """Emotion and dynamics, by the loudness of the music before any gain was laid over it.

    Where nobody speaks, if there is enough of that; else throughout, and then nothing fails.
    """
    levels, plan = evidence.levels, evidence.plan
    if plan is None or levels is None or levels.unducked is None:
        why = "No plan of the music is known" if plan is None else "The music before ducking is not known"
        return [unmeasured(name, why) for name in ("D1", "D3")]
    loudness = loudness_lufs(levels.unducked)
    everywhere = _with_music(evidence, levels, plan, loudness.size)
    seconds = _without_speech(everywhere, levels)
    is_sure = seconds.size >= _SURE_S
    if seconds.size < _LEAST_S:
        seconds = everywhere
    if seconds.size < _LEAST_S:
        why = f"Under {_LEAST_S} s of music, chance follows a film as well as a composer does"
        return [unmeasured(name, why) for name in ("D1", "D3")]
    most: Status = "fail" if is_sure else "warn"
    return [_emotion(evidence.curve, plan, loudness, seconds, most), _dynamics(plan, loudness, seconds, most)]


def loudness_lufs(energy: Series) -> Series:
    """[S] short-term loudness around the middle of each second, from [K] K-weighted mean squares."""
    width = round(WINDOW_S * STEPS_PER_S)
    padded = np.pad(energy, (width // 2, width - width // 2 - 1), mode="edge")
    smooth = np.convolve(padded, np.full(width, 1 / width), "valid")
    level_db = -0.691 + 10 * np.log10(np.maximum(smooth, _FLOOR))
    whole = energy.size // STEPS_PER_S * STEPS_PER_S
    return np.asarray(level_db[:whole].reshape(-1, STEPS_PER_S).mean(axis=1), np.float64)


def circular_null(one: Series, other: Series) -> Series:
    """[S] Spearman's ρ of two curves of S points at every circular shift of the second; the first is of no shift."""
    spectra = [np.fft.rfft(_standard_ranks(curve)) for curve in (one, other)]
    return np.asarray(np.fft.irfft(spectra[0] * np.conj(spectra[1]), one.size) / one.size, np.float64)


def _standard_ranks(curve: Series) -> Series:
    from scipy.stats import rankdata

    ranks = rankdata(curve)
    spread = float(ranks.std())
    return np.asarray((ranks - ranks.mean()) / spread if spread > 0 else np.zeros(curve.size), np.float64)


def _with_music(evidence: Evidence, levels: Levels, plan: Plan, size: int) -> Seconds:
    """The seconds in which music is meant, without the film's last chord."""
    middles = np.arange(size) + 0.5
    meant = np.zeros(size, bool)
    for cue in plan.cues:
        if not cue.withheld:
            meant |= (middles >= cue.range.start_s) & (middles < cue.range.end_s)
    for stretch in (*plan.rests, *levels.quiet):
        meant &= ~((middles > stretch.start_s - WINDOW_S / 2) & (middles < stretch.end_s + WINDOW_S / 2))
    return np.flatnonzero(meant & (middles < evidence.duration_s - _ENDING_S))


def _without_speech(seconds: Seconds, levels: Levels) -> Seconds:
    free = np.ones(seconds.size, bool)
    for speech in levels.speech:
        free &= ~((seconds + 0.5 > speech.start_s - _ROOM_S) & (seconds + 0.5 < speech.end_s + _ROOM_S))
    return seconds[free]


def _emotion(curve: Curve | None, plan: Plan, loudness: Series, seconds: Seconds, most: Status) -> Row:
    """D1: no lag is looked for; the null is that of this very curve."""
    if curve is None or curve.times_s.size < 2:
        return unmeasured("D1", "The film's emotion is not known")
    arousal = np.interp(seconds + 0.5, curve.times_s, curve.arousal)
    if _spread(arousal) < _LEAST_SPREAD:
        return unmeasured("D1", "The film feels alike throughout, so that nothing is there to follow")
    level = loudness[seconds]
    shifted = circular_null(arousal, level)
    rho, chance = float(shifted[0]), float(np.quantile(shifted, 0.95))
    apart = _standard_ranks(arousal) - _standard_ranks(level)
    at_s = _worst_stretch_s(apart, seconds)
    return judged(
        "D1",
        rho - chance,
        at_s=at_s,
        cue=cue_at(plan.cues, at_s),
        most=most,
        detail={
            "rho": round(rho, 3),
            "null_95": round(chance, 3),
            "p": round(float((shifted >= rho).mean()), 3),
            "seconds": int(seconds.size),
        },
        at=clock(at_s),
        rho=rho,
        chance=chance,
    )


def _dynamics(plan: Plan, loudness: Series, seconds: Seconds, most: Status) -> Row:
    """D3: the range that is heard as a share of the range the plan asks for."""
    asked = asked_lu(plan, np.asarray(seconds + 0.5, np.float64))
    asked_range_lu = _spread(asked)
    if asked_range_lu < _LEAST_ASKED_LU:
        return unmeasured("D3", "The plan asks for one level throughout")
    level = loudness[seconds]
    range_lu = _spread(level)
    apart = (asked - asked.mean()) - (level - level.mean())
    at_s = _worst_stretch_s(apart, seconds)
    return judged(
        "D3",
        100 * range_lu / asked_range_lu,
        at_s=at_s,
        cue=cue_at(plan.cues, at_s),
        most=most,
        detail={"range_lu": round(range_lu, 2), "asked_lu": round(asked_range_lu, 2)},
        range_lu=range_lu,
        asked_lu=asked_range_lu,
    )


def asked_lu(plan: Plan, times_s: Series) -> Series:
    """[S] how loud the plan wants the music at some times, LU about the style's own level."""
    asked = np.zeros(times_s.size)
    for cue in plan.cues:
        inside = (times_s >= cue.range.start_s) & (times_s < cue.range.end_s)
        asked[inside] = intended_lu(cue, times_s[inside])
    return asked


def _spread(values: Series) -> float:
    """P95 − P10, as loudness ranges are given."""
    low, high = np.quantile(values, (0.1, 0.95))
    return float(high - low)


def _worst_stretch_s(apart: Series, seconds: Seconds) -> float:
    """Where two curves differ most, on average over some seconds: the stretch's begin."""
    width = min(_APART_S, apart.size)
    means = np.convolve(np.abs(apart), np.full(width, 1 / width), "valid")
    return float(seconds[int(means.argmax())])
