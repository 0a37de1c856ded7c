"""Rates and times as other programs write them, made exact."""

from __future__ import annotations

import math
from fractions import Fraction

from scoring.timebase import FrameRate

_NEAR = 3e-4  # share of a rate that a rounded one may be off: 23.98 for 24000/1001
_FINEST = 1_000_000  # denominator of a frame number; a float that was 100/3 is taken for that


def exact_rate(frames_per_s: float) -> Fraction:
    """The rate meant by a rounded one: 23.976 and 23.98 → 24000/1001. Raises ValueError unless it is above 0."""
    if not math.isfinite(frames_per_s) or frames_per_s <= 0:
        raise ValueError(f"{frames_per_s} frames a second")
    for rate in (Fraction(round(frames_per_s)), Fraction(round(frames_per_s * 1.001) * 1000, 1001)):
        if abs(frames_per_s - rate) < frames_per_s * _NEAR:
            return rate
    return FrameRate.nearest(frames_per_s).fraction


def exact_seconds(frames: float, frames_per_s: float) -> Fraction:
    """A frame number at a rate as seconds. Raises ValueError where there is no such time."""
    if not math.isfinite(frames):
        raise ValueError(f"frame {frames}")
    return Fraction(frames).limit_denominator(_FINEST) / exact_rate(frames_per_s)


def same_count(one: Fraction, other: Fraction) -> bool:
    """Whether two rates count the same frames to a second of timecode: 24 and 24000/1001 do."""
    return round(one) == round(other)
