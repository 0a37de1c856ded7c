"""The stretch of a film that is reviewed, as whole pictures, and what each is called."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scoring.errors import InputError
from scoring.timebase import FrameRate, clock, samples_at
from scoring.timecode import DROP_RATES, Timecode, is_drop_label, nearest_frame


@dataclass(frozen=True, slots=True)
class Span:
    """Pictures `first` to `first + pictures` of a film. labels: its timecode, None for a rate that has none.

    starts_at: the timecode's frame of the film's first picture.
    """

    rate: FrameRate
    first: int
    pictures: int
    labels: Timecode | None
    starts_at: int

    @property
    def start_s(self) -> float:
        """Film time of its first picture."""
        return self.rate.time_of(self.first)

    @property
    def end_s(self) -> float:
        """Film time at which its last picture ends."""
        return self.rate.time_of(self.first + self.pictures)

    @property
    def duration_s(self) -> float:
        """Seconds."""
        return float(self.pictures / self.rate.fraction)

    @property
    def samples(self) -> int:
        """How long its sound is."""
        return samples_at(self.duration_s)

    def picture_at(self, time_s: float) -> int:
        """Which of its pictures, from 0, is shown at a time of the review, seconds from its start."""
        return min(self.pictures - 1, max(0, self.rate.frame_at(time_s)))

    def label(self, picture: int) -> str:
        """What a picture, from 0, is called: its timecode, else the film's clock."""
        if self.labels is None:
            return clock(self.rate.time_of(self.first + picture))
        return self.labels.label(self.starts_at + self.first + picture)


def choose_span(
    rate: FrameRate,
    duration_s: float,
    from_s: float | None,
    to_s: float | None,
    *,
    starts_at_s: float = 0.0,
    timecode: str = "",
) -> Span:
    """The pictures from one film time to another; the film's beginning and end where they are None.

    starts_at_s: real seconds since midnight of the first picture; timecode: as the film writes it.
    Raises InputError for a stretch that is not of the film.
    """
    whole = max(1, nearest_frame(duration_s, rate))
    begin_s, end_s = 0.0 if from_s is None else from_s, duration_s if to_s is None else to_s
    if not 0 <= begin_s < min(end_s, duration_s):
        raise InputError(
            f"{clock(begin_s)} to {clock(end_s)} is no stretch of a film of {clock(duration_s)}",
            "Give --from and --to in film time, --from first",
        )
    first = min(whole - 1, rate.frame_at(begin_s))
    last = min(whole, max(first + 1, math.ceil(end_s * rate.fraction - 1e-3)))
    labels = _labels(rate, timecode)
    # A time of day is the nearest frame's, as the film's timecode wrote it.
    return Span(rate, first, last - first, labels, nearest_frame(starts_at_s, rate))


def _labels(rate: FrameRate, timecode: str) -> Timecode | None:
    try:
        return Timecode(rate, is_drop_label(timecode) and rate in DROP_RATES)
    except ValueError:
        return None
