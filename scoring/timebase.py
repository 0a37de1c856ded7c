"""Time at the rims: rational frame rates, timecode, samples, half-open ranges.

Inside Cuesmith a time is seconds on the presentation timeline, float64. Frame numbers, timecode
and sample counts are made here and nowhere else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

SAMPLE_RATE_HZ = 48_000  # all audio inside is 48 kHz stereo float32, [2, N]

# A measured rate this close (relative) to an NTSC rate N*1000/1001 is taken to be that rate:
# 23.976 and 29.97 are off by 1.0e-6 and 1.0e-6, the nearest integer rate by 1.0e-3.
NTSC_TOLERANCE = 1.0e-4


@dataclass(frozen=True, slots=True)
class FrameRate:
    """Frames per second as a ratio, 30000/1001 and never 29.97. Raises ValueError unless positive."""

    numerator: int
    denominator: int = 1

    def __post_init__(self) -> None:
        if self.numerator <= 0 or self.denominator <= 0:
            raise ValueError(f"a frame rate must be positive, found {self.numerator}/{self.denominator}")

    @classmethod
    def from_fraction(cls, rate: Fraction) -> FrameRate:
        """The exact ratio, in lowest terms."""
        return cls(rate.numerator, rate.denominator)

    @classmethod
    def nearest(cls, frames_per_s: float) -> FrameRate:
        """The rate meant by a rounded number: 29.97 → 30000/1001, 25.0 → 25/1."""
        whole = round(frames_per_s * 1001 / 1000)
        ntsc = Fraction(whole * 1000, 1001)
        if whole and abs(frames_per_s - float(ntsc)) / frames_per_s < NTSC_TOLERANCE:
            return cls.from_fraction(ntsc)
        return cls.from_fraction(Fraction(frames_per_s).limit_denominator(1001))

    @property
    def fraction(self) -> Fraction:
        """The rate as a Fraction, frames per second."""
        return Fraction(self.numerator, self.denominator)

    @property
    def frame_s(self) -> float:
        """How long one frame is shown, seconds."""
        return self.denominator / self.numerator

    def frame_at(self, time_s: float) -> int:
        """The frame shown at a time: frame n covers [n, n+1) frame lengths.

        A time within a thousandth of a frame below a boundary counts as on it, so that
        frame_at(time_of(n)) == n in spite of float64 rounding.
        """
        return math.floor(time_s * self.numerator / self.denominator + 1e-3)

    def time_of(self, frame: int) -> float:
        """When a frame begins, seconds."""
        return float(Fraction(frame * self.denominator, self.numerator))

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"

    @classmethod
    def parse(cls, text: str) -> FrameRate:
        """The inverse of str(): "30000/1001" or "25". Raises ValueError for anything else."""
        return cls.from_fraction(Fraction(text))


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A half-open stretch of the film, [start_s, end_s), seconds. Raises ValueError unless start_s < end_s."""

    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.start_s) and math.isfinite(self.end_s) and self.start_s < self.end_s):
            raise ValueError(f"a time range must run forward, found [{self.start_s}, {self.end_s})")

    @property
    def duration_s(self) -> float:
        """Length in seconds, above zero."""
        return self.end_s - self.start_s

    def contains(self, time_s: float) -> bool:
        """Whether a time lies inside; the end does not."""
        return self.start_s <= time_s < self.end_s


def samples_at(time_s: float, rate_hz: int = SAMPLE_RATE_HZ) -> int:
    """The sample nearest to a time. Exact to half a sample over days: float64 holds 48 kHz sample numbers whole."""
    return round(time_s * rate_hz)


def seconds_of(samples: int, rate_hz: int = SAMPLE_RATE_HZ) -> float:
    """The time of a sample, seconds."""
    return samples / rate_hz


def clock(time_s: float) -> str:
    """A time for people: "0:07.5", "1:02:03.4" (hours only when there are some)."""
    tenths = round(time_s * 10)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{tenths // 10:02d}.{tenths % 10}"
    return f"{hours}:{minutes:02d}:{seconds}" if hours else f"{minutes}:{seconds}"
