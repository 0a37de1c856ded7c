"""A piece of sound as features, read in one pass and a few megabytes an hour."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.sound.clearance import STEPS_PER_S
from scoring.timebase import SAMPLE_RATE_HZ, TimeRange

ONSET_HZ = 100  # the onset curve's points a second
CLICK_HZ = 200  # and the click curve's
MELS = 40
TONE_HZ = (16_500.0, 23_500.0)  # where a steady line is nothing that an instrument plays
SUB_HZ = 18.0  # below it nothing is heard

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Clip:
    """A run of samples at full scale. channel: 0 left, 1 right."""

    time_s: float
    samples: int
    channel: int


@dataclass(frozen=True, slots=True)
class Track:
    """Features of stereo sound at 48 kHz. Curves named [K] have STEPS_PER_S points a second, their stretch beginning
    at k / STEPS_PER_S after starts_at_s.

    energy: [K] K-weighted mean squares, channels summed (BS.1770). onset: [N] onset strength, ONSET_HZ a second; point
    n is the rise of the sound around n / ONSET_HZ (its middle, ±5 ms), ≥ 0.
    chroma: [K, 12] energy per pitch class, C first. mel_db: [K, MELS] log-mel, dB.
    octaves_db: [10] long-term level of the octaves around 31.25 Hz … 16 kHz. spectrum_db: [8193] long-term power
    spectrum, 2.93 Hz a bin. tone_db, tone_over_db, tone_hz: [K] the line in TONE_HZ that stands out most, dBFS, how far
    it stands above the median of the few hundred hertz around it, and where it is. sub_db: [K] level below SUB_HZ,
    dBFS. left, right, cross: [K] mean squares of each channel and of their product. peak: [K] largest sample.
    click: [M] largest second difference, CLICK_HZ a second. dc: [2] mean. clips: runs of three and more samples at
    −0.1 dBFS and above (counts shorter ones in none). voice: [K] probability 0..1 that somebody speaks or sings; empty
    where nobody listened for it. mains_db: see MainsReader.lines_db.
    """

    starts_at_s: float
    total_samples: int
    energy: NDArray[np.float64]
    onset: Floats
    chroma: Floats
    mel_db: Floats
    octaves_db: NDArray[np.float64]
    spectrum_db: Floats
    tone_db: Floats
    tone_over_db: Floats
    sub_db: Floats
    left: NDArray[np.float64]
    right: NDArray[np.float64]
    cross: NDArray[np.float64]
    peak: Floats
    click: Floats
    dc: NDArray[np.float64]
    clips: tuple[Clip, ...]
    tone_hz: Floats
    voice: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    mains_db: Floats = field(default_factory=lambda: np.zeros((0, 2, 3, 65), np.float32))

    @property
    def duration_s(self) -> float:
        """Length, seconds."""
        return self.total_samples / SAMPLE_RATE_HZ

    def steps(self, stretch: TimeRange) -> slice:
        """The points of the [K] curves that lie in a stretch of film time."""
        return _slice(stretch, self.starts_at_s, STEPS_PER_S, self.energy.size)

    def onsets(self, stretch: TimeRange) -> slice:
        """The points of the onset curve that lie in a stretch of film time."""
        return _slice(stretch, self.starts_at_s, ONSET_HZ, self.onset.size)

    def clicks(self, stretch: TimeRange) -> slice:
        """The points of the click curve that lie in a stretch of film time."""
        return _slice(stretch, self.starts_at_s, CLICK_HZ, self.click.size)


def _slice(stretch: TimeRange, starts_at_s: float, rate_hz: int, size: int) -> slice:
    first, last = (round((t - starts_at_s) * rate_hz) for t in (stretch.start_s, stretch.end_s))
    return slice(min(size, max(0, first)), min(size, max(0, last)))
