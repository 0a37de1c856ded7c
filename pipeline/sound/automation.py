"""The music's gain over time: down under speech, silent where no music is wanted, back up in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.sound.clearance import SWELL_GAP_S
from scoring.timebase import SAMPLE_RATE_HZ, TimeRange

RATE_HZ = 100  # points a second; straight lines, in decibels, between them
SILENT_DB = -90.0

# Peer practice for automated ducking, after hand-drawn fades rather than compressors: the music begins to fall 200 ms
# before the first syllable and is down 50 ms into it, holds across the pauses between words, and comes back slowly.
LOOK_AHEAD_S = 0.20
DOWN_S = 0.25
HOLD_S = 0.60
UP_S = 0.90
DEEPEST_DB = 18.0
MUTE_FADE_S = 1.0  # design choice: into and out of a stretch without music


@dataclass(frozen=True, slots=True)
class Duck:
    """A stretch under which the music goes down by depth_db, 0..DEEPEST_DB."""

    range: TimeRange
    depth_db: float


@dataclass(frozen=True, slots=True)
class Automation:
    """A gain curve: gain_db[k] at k / RATE_HZ seconds, at most 0."""

    gain_db: NDArray[np.float32]

    def linear(self, first_sample: int, samples: int) -> NDArray[np.float32]:
        """The gain of `samples` samples from a film sample on, as factors."""
        at = (first_sample + np.arange(samples)) * (RATE_HZ / SAMPLE_RATE_HZ)
        curve_db = np.interp(at, np.arange(self.gain_db.size), self.gain_db)
        gain: NDArray[np.float32] = (10 ** (curve_db / 20)).astype(np.float32)
        gain[curve_db <= SILENT_DB + 1] = 0.0
        return gain

    def power(self, steps: int, steps_per_s: int) -> NDArray[np.float64]:
        """[steps] the mean square of the gain over equal stretches of a film, as meters of that pace see it."""
        each = RATE_HZ // steps_per_s
        curve = np.zeros(steps * each)
        have = min(curve.size, self.gain_db.size)
        curve[:have] = self.gain_db[:have]
        return np.asarray((10 ** (curve.reshape(steps, each) / 10)).mean(axis=1), np.float64)

    @property
    def is_flat(self) -> bool:
        """Whether it changes nothing."""
        return not np.any(self.gain_db)


def automate(
    duration_s: float,
    ducks: Sequence[Duck],
    muted: Sequence[TimeRange] = (),
    lowered: Sequence[tuple[TimeRange, float]] = (),
) -> Automation:
    """The curve for a film. ducks: by start, not overlapping. lowered: (range, how much, dB ≥ 0), faded like mutes."""
    points = np.arange(int(np.ceil(duration_s * RATE_HZ)) + 2) / RATE_HZ
    down = np.zeros(points.size, np.float64)
    for duck in joined(ducks):
        _lower(down, points, duck.range, duck.depth_db, LOOK_AHEAD_S, DOWN_S, HOLD_S, UP_S)
    for stretch in muted:
        _lower(down, points, stretch, -SILENT_DB, MUTE_FADE_S, MUTE_FADE_S, 0.0, MUTE_FADE_S)
    for stretch, depth_db in lowered:
        _lower(down, points, stretch, depth_db, MUTE_FADE_S, MUTE_FADE_S, 0.0, MUTE_FADE_S)
    return Automation((-down).astype(np.float32))


def joined(ducks: Sequence[Duck]) -> list[Duck]:
    """The ducks with gaps shorter than SWELL_GAP_S filled at the shallower depth of their neighbours."""
    filled: list[Duck] = []
    for duck in ducks:
        if filled:
            before = filled[-1]
            if 0 < duck.range.start_s - before.range.end_s < SWELL_GAP_S:
                gap = TimeRange(before.range.end_s, duck.range.start_s)
                filled.append(Duck(gap, min(before.depth_db, duck.depth_db)))
        filled.append(duck)
    return filled


def _lower(
    down: NDArray[np.float64],
    points: NDArray[np.float64],
    stretch: TimeRange,
    depth_db: float,
    ahead_s: float,
    fall_s: float,
    hold_s: float,
    rise_s: float,
) -> None:
    """Lay one trapezium under the curve, in place: where several lie, the deepest counts."""
    begin, end = stretch.start_s - ahead_s, stretch.end_s + hold_s
    first = max(0, int(begin * RATE_HZ))
    last = min(points.size, int((end + rise_s) * RATE_HZ) + 2)
    t = points[first:last]
    shape = np.clip(np.minimum((t - begin) / fall_s, (end + rise_s - t) / rise_s), 0, 1) * depth_db
    down[first:last] = np.maximum(down[first:last], shape)
