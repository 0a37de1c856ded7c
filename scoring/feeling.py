"""The film's feeling as spotting uses it: evenly sampled, smoothed a little, its contrasts widened."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from scoring.analysis import Curve, EmotionCurve
from scoring.timebase import TimeRange

RATE_HZ = 2.0
SMOOTHING_S = 2.0  # length of the smoothing window
# Analysers shrink what they are unsure of toward neutral, and music that follows so timidly says nothing. The
# contrasts of a film are widened until they have this standard deviation (half of it for tension, whose span is
# half), but never by more than MAXIMUM_GAIN, and never narrowed. The film's own mean stays. Design choices.
WIDE_SPREAD = 0.35
MAXIMUM_GAIN = 2.5


@dataclass(frozen=True, slots=True)
class Feeling:
    """Valence, arousal (−1..1) and tension (0..1) at RATE_HZ; value k covers [k, k+1) / RATE_HZ. Each [N], N ≥ 1.

    voice: [N] −1..1, how much livelier than usual the voices are, its contrasts as they were; empty without speech.
    """

    valence: Curve
    arousal: Curve
    tension: Curve
    voice: Curve = field(default_factory=lambda: np.zeros(0))

    @property
    def times_s(self) -> Curve:
        """[N], the middle of each sample."""
        return np.asarray((np.arange(len(self.valence)) + 0.5) / RATE_HZ, np.float64)

    def stacked(self) -> Curve:
        """[N, 3]: valence, arousal, tension."""
        return np.stack([self.valence, self.arousal, self.tension], axis=1)

    def mean(self, stretch: TimeRange) -> tuple[float, float, float]:
        """Mean valence, arousal and tension over a stretch of the film."""
        first = min(math.floor(stretch.start_s * RATE_HZ), len(self.valence) - 1)
        last = max(first + 1, math.ceil(stretch.end_s * RATE_HZ))
        valence, arousal, tension = self.stacked()[first:last].mean(axis=0)
        return float(valence), float(arousal), float(tension)


def feel(curve: EmotionCurve, duration_s: float) -> Feeling:
    """Sample the curve evenly over the film, smooth it and widen its contrasts. An empty curve is neutral."""
    count = max(1, math.ceil(duration_s * RATE_HZ))
    times_s = (np.arange(count) + 0.5) / RATE_HZ
    if not len(curve.times_s):
        return Feeling(np.zeros(count), np.zeros(count), np.zeros(count))
    valence, arousal, tension = (
        smooth(np.interp(times_s, curve.times_s, values), round(SMOOTHING_S * RATE_HZ))
        for values in (curve.valence, curve.arousal, curve.tension)
    )
    return Feeling(
        _widen(valence, WIDE_SPREAD, -1.0),
        _widen(arousal, WIDE_SPREAD, -1.0),
        _widen(tension, WIDE_SPREAD / 2, 0.0),
        np.interp(times_s, curve.times_s, curve.voice) if len(curve.voice) else np.zeros(0),
    )


def smooth(values: Curve, width: int) -> Curve:
    """Moving average over `width` samples, rounded up to an odd number; the ends are held. [N] → [N]."""
    half = width // 2
    padded = np.pad(values, half, mode="edge")
    kernel = np.full(2 * half + 1, 1.0 / (2 * half + 1))
    return np.asarray(np.convolve(padded, kernel, mode="valid"), np.float64)


def _widen(values: Curve, spread: float, lowest: float) -> Curve:
    gain = np.clip(spread / max(float(values.std()), 1e-9), 1.0, MAXIMUM_GAIN)
    mean = values.mean()
    return np.asarray(np.clip(mean + gain * (values - mean), lowest, 1.0), np.float64)
