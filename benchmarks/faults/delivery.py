"""Faults of the finished sound: level, clipping, stereo, hum."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from faults.base import Base, Spoilt
from faults.fault import Fault, times, yes_no
from pipeline.card import balance, mains
from pipeline.card.evidence import Evidence
from pipeline.card.limits import limits
from scoring.timebase import SAMPLE_RATE_HZ, samples_at

TOO_LOUD = 0.999


def tolerance(base: Base) -> float | None:
    """How far the delivery standard lets loudness lie."""
    encoded = base.evidence.encoded
    known = encoded is not None and encoded.target is not None and base.bad("F1") is not None
    return encoded.target.tolerance_lu if known else None


def off_target(base: Base, lu: float) -> Spoilt:
    """The finished file so far over its target."""

    def evidence(found: Evidence) -> Evidence:
        assert found.encoded is not None
        assert found.encoded.target is not None
        return replace(found, encoded=replace(found.encoded, integrated_lufs=found.encoded.target.integrated_lufs + lu))

    return Spoilt(evidence=evidence)


def clipped(base: Base, samples: float) -> Spoilt:
    """A run at full scale."""
    whole = base.whole.copy()
    at = samples_at(0.4 * base.evidence.duration_s)
    whole[0, at : at + round(samples)] = TOO_LOUD
    return Spoilt(whole=whole)


def clip_sizes(base: Base) -> dict[str, float]:
    """Whole samples."""
    bad = base.bad("F2")
    edge = 0.0 if bad is None else bad + 1
    return {} if bad is None else {size: float(max(1, math.floor(float(size) * edge))) for size in ("0.5", "1.5", "3")}


def mono(base: Base, present: float) -> Spoilt:
    """Left and right the same."""
    if not present:
        return Spoilt()
    middle = base.laid.mean(axis=0)
    return Spoilt(laid=np.stack([middle, middle]))


def fold_edge(base: Base) -> float | None:
    """The loss that fails; of 3 dB, which the table tells people of."""
    return 3.0 if base.bad("F4") is not None else None


def folding(base: Base, loss_db: float) -> Spoilt:
    """The sides raised until so much is lost when both channels become one."""
    middle, side = base.laid.mean(axis=0), (base.laid[0] - base.laid[1]) / 2
    wanted = 10 ** (loss_db / 10) - 1
    have = float(np.vdot(side, side)) / float(np.vdot(middle, middle))
    side = side * np.float32(math.sqrt(wanted / have))
    spoilt = np.stack([middle + side, middle - side])
    return Spoilt(laid=spoilt * np.float32(np.sqrt(np.vdot(base.laid, base.laid) / np.vdot(spoilt, spoilt))))


def humming(base: Base, times_edge: float) -> Spoilt:
    """A mains hum of three lines, against the level that fails."""
    level = times_edge * 10 ** (balance._HUM_BAD_DB / 20)
    time_s = np.arange(base.music.shape[1]) / SAMPLE_RATE_HZ
    hum = sum(np.sin(2 * np.pi * 50 * line * time_s) for line in mains.MULTIPLES)
    return Spoilt(whole=base.whole + (hum * level * math.sqrt(2 / len(mains.MULTIPLES))).astype(np.float32))


def off_centre(base: Base, times_edge: float) -> Spoilt:
    """Direct current, against the level that fails."""
    return Spoilt(whole=base.whole + np.float32(times_edge * 10 ** (limits()["F5"].bad / 20)))


def one(base: Base) -> float | None:
    """The threshold itself, for faults that are sized by it."""
    return None if base.bad("F5") is None else 1.0


FAULTS = (
    Fault("wrong integrated loudness", ("F1",), "LU", times(tolerance), off_target),
    Fault("clipped run", ("F2",), "samples", clip_sizes, clipped, through=".mkv"),
    Fault("mono collapse", ("F4",), "", yes_no(lambda base: base.bad("F4") is not None), mono),
    Fault("fold-down loss", ("F4",), "dB", times(fold_edge), folding),
    Fault(
        "mains hum",
        ("F5",),
        "x threshold",
        times(lambda base: None if base.bad("F5") is None else 1.0),
        humming,
        through=".mkv",
    ),
)
