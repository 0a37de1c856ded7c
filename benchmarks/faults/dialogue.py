"""Faults against speech and of gain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from faults.base import Base, Spoilt
from faults.fault import Fault, times, yes_no
from pipeline.card.evidence import Evidence
from pipeline.sound.automation import RATE_HZ
from scoring.timebase import SAMPLE_RATE_HZ

REFERENCE_OVER_LU = 2.0  # a clearance that has this to spare
REACH_S = 0.5
PAST_DB = 8.0  # the limiter takes some of it
AWAY_S = 2.5  # further from speech than any duck reaches
DIP_POINTS = 50  # half the width of a dip, hundredths of a second


def bed_edge(base: Base) -> float | None:
    """How much of what there is to spare may be lost."""
    levels = base.evidence.levels
    return REFERENCE_OVER_LU if base.bad("E1") is not None and levels is not None and levels.is_ducked else None


def bed_raised(base: Base, lu: float) -> Spoilt:
    """The music under speech so much louder than where it leaves 2 LU more than is asked."""
    levels, value = base.evidence.levels, base.value("E1")
    assert levels is not None
    assert value is not None
    raise_db = value - (levels.wanted_lu + REFERENCE_OVER_LU - lu)
    return _in_speech(base, raise_db)


def masked(base: Base, present: float) -> Spoilt:
    """The music's consonant range alone raised until E2 is well past what fails."""
    value, bad = base.value("E2"), base.bad("E2")
    if not present or value is None or bad is None:
        return Spoilt()
    raise_by = 10 ** ((value - bad + PAST_DB) / 20)
    band = sosfiltfilt(butter(2, (1000, 4000), "bandpass", fs=SAMPLE_RATE_HZ, output="sos"), base.laid)
    return Spoilt(laid=(base.laid + (raise_by - 1) * band).astype(np.float32))


def _in_speech(base: Base, raise_db: float) -> Spoilt:
    assert base.evidence.levels is not None
    points = np.zeros(int(base.evidence.duration_s * 10) + 12)
    for region in base.evidence.levels.speech:
        points[max(0, int((region.start_s - REACH_S) * 10)) : int((region.end_s + REACH_S) * 10) + 1] = 1.0
    n = base.music.shape[1]
    curve_db = raise_db * np.interp(np.arange(n) / SAMPLE_RATE_HZ, (np.arange(points.size) + 0.5) / 10, points)

    def evidence(found: Evidence) -> Evidence:
        assert found.levels is not None
        music = found.levels.music * 10 ** (raise_db * points[: found.levels.music.size] / 10)
        return replace(found, levels=replace(found.levels, music=music))

    return Spoilt(music=base.music * (10 ** (curve_db / 20)).astype(np.float32), evidence=evidence)


def away_from_speech(base: Base) -> NDArray[np.int64]:
    """The hundredths of a second around which the gain may move without excuse."""
    levels = base.evidence.levels
    assert levels is not None
    points = np.ones(int(base.evidence.duration_s * RATE_HZ), bool)
    for stretch in (*levels.speech, *levels.quiet, *base.plan.rests):
        points[max(0, int((stretch.start_s - AWAY_S) * RATE_HZ)) : int((stretch.end_s + AWAY_S) * RATE_HZ)] = False
    points[: 2 * RATE_HZ] = points[-2 * RATE_HZ :] = False
    return np.flatnonzero(points)


def pumping(base: Base, a_minute: float) -> Spoilt:
    """Where nobody speaks the gain goes down by 5 dB and up again; each is a change."""
    places = away_from_speech(base)
    gain_db = base.plan.gain_db
    assert gain_db is not None
    dips = round(a_minute / 2 * base.evidence.duration_s / 60)
    down = np.zeros(gain_db.size)
    at = np.arange(gain_db.size)
    for place in places[np.linspace(0, places.size - 1, dips + 2).astype(int)[1:-1]]:
        down = np.maximum(down, 5.0 * np.clip(2 * (1 - np.abs(at - place) / DIP_POINTS), 0, 1))
    n = base.music.shape[1]
    curve_db = np.interp(np.arange(n) / SAMPLE_RATE_HZ, at / RATE_HZ, -down)

    def evidence(found: Evidence) -> Evidence:
        assert found.plan is not None
        return replace(found, plan=replace(found.plan, gain_db=gain_db - down))

    return Spoilt(music=base.music * (10 ** (curve_db / 20)).astype(np.float32), evidence=evidence)


def pump_edge(base: Base) -> float | None:
    """E3's threshold, where the film has room for three times as many between its words."""
    bad = base.bad("E3")
    if bad is None or base.plan.gain_db is None:
        return None
    dips = 3 * bad / 2 * base.evidence.duration_s / 60
    return bad if away_from_speech(base).size > 1.5 * dips * DIP_POINTS else None


FAULTS = (
    Fault("bed too loud under speech", ("E1",), "LU", times(bed_edge), bed_raised),
    Fault("bed masks consonants", ("E2",), "", yes_no(lambda base: base.bad("E2") is not None), masked),
    Fault("pumping", ("E3",), "a minute", times(pump_edge), pumping),
)
