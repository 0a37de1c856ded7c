"""Where in a latent a task works: seconds to frames."""

from __future__ import annotations

from dataclasses import dataclass

from music_engine.ace_step.codec.duration import (
    MAX_FRAMES,
    SAMPLE_RATE_HZ,
    SAMPLES_PER_LATENT,
    latent_frames,
)
from music_engine.ace_step.sampling.settings import SamplingSettings
from scoring.errors import InputError

FRAMES_PER_S = SAMPLE_RATE_HZ / SAMPLES_PER_LATENT  # 10.7666


def frame_at(time_s: float, settings: SamplingSettings) -> int:
    """The frame boundary nearest a time, halves to the even one; the reference truncates towards zero.

    So a start at -0.05 s is one frame before the source here, and at the source's beginning in the reference.
    """
    return round(time_s * FRAMES_PER_S) if settings.mends else latent_frames(time_s)


@dataclass(frozen=True, slots=True)
class FrameRange:
    """Frames start <= frame < end."""

    start: int
    end: int

    @classmethod
    def between(cls, start_s: float, end_s: float, settings: SamplingSettings) -> FrameRange:
        """The frames from one time to another; either may lie outside the source."""
        return cls(frame_at(start_s, settings), frame_at(end_s, settings))

    def within(self, frames: int) -> FrameRange:
        """Itself. Raises InputError when it is empty or reaches outside a source of so many frames."""
        if not 0 <= self.start < self.end <= frames:
            raise InputError(
                f"the range to repaint is frames {self.start} to {self.end} of a source of {frames}",
                "Give a range of at least 0.1 s inside the source; to make it longer, extend it",
            )
        return self


@dataclass(frozen=True, slots=True)
class Added:
    """Frames added before (left) and after (right) a source."""

    left: int
    right: int

    @classmethod
    def around(cls, frames: int, wanted: FrameRange, settings: SamplingSettings) -> Added:
        """What a range adds to a source of so many frames.

        In the reference the right side is short by the left one's length when both are added, and neither side may be
        longer than the source; it breaks there, so with compat="reference" that is refused. A total over 2583 frames,
        four minutes, is refused always. Raises InputError.
        """
        left = max(0, -wanted.start)
        right = max(0, wanted.end - frames - (0 if settings.mends else left))
        total = left + frames + right
        if left + right == 0:
            raise InputError(
                f"nothing is added: frames {wanted.start} to {wanted.end} of a source of {frames}",
                "Start before the source or end after it, by at least 0.1 s",
            )
        if total > MAX_FRAMES:
            raise InputError(
                f"the extended music would have {total} frames ({total / FRAMES_PER_S:.1f} s)",
                f"The model makes at most {MAX_FRAMES} frames ({MAX_FRAMES / FRAMES_PER_S:.1f} s): add less",
            )
        if not settings.mends and max(left, right) > frames:
            raise InputError(
                f"the reference cannot add {max(left, right)} frames to a source of {frames}",
                'Take compat="fixed", or add at most the source\'s length on each side',
            )
        return cls(left, right)
