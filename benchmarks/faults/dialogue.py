"""Faults against speech and of gain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from faults.base import Base, Spoilt
from faults.fault import Fault, times
from pipeline.card.evidence import Evidence
from pipeline.card.limits import limits
from scoring.timebase import SAMPLE_RATE_HZ

REFERENCE_OVER_LU = 2.0  # a clearance that has this to spare
REACH_S = 0.5


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


def masking_edge(base: Base) -> float | None:
    """By how much the bed must rise for E2 to fail."""
    value, bad = base.value("E2"), base.bad("E2")
    return None if value is None or bad is None else value - bad


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


def pumping(base: Base, a_minute: float) -> Spoilt:
    """The gain goes down by 5 dB and up again; each is a change."""
    n = base.music.shape[1]
    points = int(base.evidence.duration_s * 100) + 2
    every = round(100 * 60 / (a_minute / 2))
    down = np.zeros(points)
    for at in range(every // 2, points, every):
        width = min(60, every // 3)
        reach = np.arange(max(0, at - width), min(points, at + width))
        down[reach] = np.maximum(down[reach], 5.0 * np.clip(2 * (1 - np.abs(reach - at) / width), 0, 1))
    curve_db = np.interp(np.arange(n) / SAMPLE_RATE_HZ, np.arange(points) / 100, -down)

    def evidence(found: Evidence) -> Evidence:
        assert found.plan is not None
        planned = np.zeros(points) if found.plan.gain_db is None else found.plan.gain_db
        size = min(points, planned.size)
        return replace(found, plan=replace(found.plan, gain_db=planned[:size] - down[:size]))

    return Spoilt(music=base.music * (10 ** (curve_db / 20)).astype(np.float32), evidence=evidence)


def pump_edge(base: Base) -> float | None:
    """E3's threshold, where nobody speaks and no gain is drawn: the fault brings its own."""
    levels = base.evidence.levels
    return limits()["E3"].bad if levels is not None and not levels.speech and base.plan.gain_db is None else None


FAULTS = (
    Fault("bed too loud under speech", ("E1",), "LU", times(bed_edge), bed_raised),
    Fault("bed masks consonants", ("E2",), "dB", times(masking_edge), _in_speech),
    Fault("pumping", ("E3",), "a minute", times(pump_edge), pumping),
)
