"""Timecode: the labels that editors' programs give to frames, and back, without ever passing through a float.

SMPTE ST 12-1. A label counts frames, not time: at 24000/1001 an hour of labels lasts 3603.6 s. Drop-frame labels leave
out the first two numbers (four at 60000/1001) of every minute but each tenth, which keeps them within a few frames of
the clock; no frame of the film is left out.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from scoring.timebase import SAMPLE_RATE_HZ, FrameRate

DROP_RATES = (FrameRate(30_000, 1001), FrameRate(60_000, 1001))
_FASTEST = 100  # two digits hold the frames of a second
_LABEL = re.compile(r"(\d{1,2})[:;.,](\d{2})[:;.,](\d{2})([:;.,])(\d{2})")
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Timecode:
    """The labels of one frame rate. Frame 0 is 00:00:00:00; after 24 hours they begin again.

    Raises ValueError for a rate that is neither whole nor a whole one times 1000/1001, for one of more than 100 frames
    a second, and for drop-frame at any other rate than 30000/1001 and 60000/1001.
    """

    rate: FrameRate
    is_drop: bool = False

    def __post_init__(self) -> None:
        exact = self.rate.fraction
        if exact != self.counted and exact != Fraction(self.counted * 1000, 1001):
            raise ValueError(f"timecode counts whole frames a second or those times 1000/1001, found {self.rate}")
        if self.counted > _FASTEST:
            raise ValueError(f"timecode counts {_FASTEST} frames a second at most, found {self.rate}")
        if self.is_drop and self.rate not in DROP_RATES:
            raise ValueError(f"drop-frame is for 30000/1001 and 60000/1001 frames a second, found {self.rate}")

    @property
    def counted(self) -> int:
        """Frames in a second of labels: 24 at 24000/1001."""
        return math.ceil(self.rate.fraction)

    @property
    def day_frames(self) -> int:
        """Frames in 24 hours of labels."""
        return _DAY_MINUTES * 60 * self.counted - self._dropped * (_DAY_MINUTES - _DAY_MINUTES // 10)

    @property
    def _dropped(self) -> int:
        """Labels left out of a minute that leaves any out."""
        return self.counted // 15 if self.is_drop else 0

    def label(self, frame: int) -> str:
        """What a frame is called: "01:00:00:00", drop-frame "01:00:00;00"."""
        number = frame % self.day_frames
        if self.is_drop:
            tens, rest = divmod(number, 600 * self.counted - 9 * self._dropped)
            # The tenth minute's first is whole; each of the nine after it is short of its first labels.
            minutes = max(0, rest - self._dropped) // (60 * self.counted - self._dropped)
            number += self._dropped * (9 * tens + minutes)
        seconds, frames = divmod(number, self.counted)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours:02d}:{minutes:02d}:{seconds:02d}{';' if self.is_drop else ':'}{frames:02d}"

    def frame(self, label: str) -> int:
        """The frame that is called so, 0 to day_frames. Raises ValueError for what is no label of this rate.

        A drop-frame label may also be written with colons.
        """
        found = _LABEL.fullmatch(label.strip())
        if found is None:
            raise ValueError(f"timecode is HH:MM:SS:FF, or HH:MM:SS;FF for drop-frame, found {label!r}")
        hours, minutes, seconds, frames = (int(found[group]) for group in (1, 2, 3, 5))
        if hours > 23 or minutes > 59 or seconds > 59 or frames >= self.counted:
            raise ValueError(f"timecode at {self.rate} ends with 23:59:59:{self.counted - 1:02d}, found {label!r}")
        if found[4] != ":" and not self.is_drop:
            raise ValueError(f"{label!r} is a drop-frame label, and these are not")
        if seconds == 0 and minutes % 10 and frames < self._dropped:
            raise ValueError(f"drop-frame has no label {label!r}")
        passed = 60 * hours + minutes
        return (60 * passed + seconds) * self.counted + frames - self._dropped * (passed - passed // 10)

    def seconds(self, frame: int) -> Fraction:
        """When a frame begins, real seconds after frame 0, exactly."""
        return frame / self.rate.fraction

    def samples(self, frame: int, rate_hz: int = SAMPLE_RATE_HZ) -> int:
        """The sample nearest to a frame's beginning, after frame 0."""
        return round(self.seconds(frame) * rate_hz)


def nearest_frame(time_s: float, rate: FrameRate) -> int:
    """The frame whose beginning is nearest to a time: never off by more than half a frame, however late."""
    return round(Fraction(time_s) * rate.fraction)


def is_drop_label(label: str) -> bool:
    """Whether a label is written as drop-frame, with something else than a colon before the frames."""
    found = _LABEL.fullmatch(label.strip())
    return found is not None and found[4] != ":"
