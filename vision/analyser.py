"""What turns a film into an emotion curve: the protocol that every analyser obeys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from scoring.analysis import Activity, Curve, EmotionCurve, Shots
from vision.frames import Still

CURVE_RATE_HZ = 2.0  # how often every analyser gives its opinion
STILL_SIDE_PX = 224  # of a still's shorter side, unless an analyser wants another


@dataclass(frozen=True, slots=True)
class Reading:
    """What the one pass measured, handed to the analyser when the film is over.

    cut_pace: [N] 0..1, how fast the film is cut, at activity.rate_hz.
    has_sound: whether the film has any sound of its own, above AUDIBLE_DB of vision.sound.
    """

    duration_s: float
    shots: Shots
    activity: Activity
    cut_pace: Curve
    has_sound: bool


@dataclass(frozen=True, slots=True)
class StillWish:
    """What stills an analyser wants. side_px: of the shorter side. per_s: how many a second.

    shot_starts: also the first picture of what looks like a new shot, so that no shot is too short to be seen.
    """

    side_px: int = STILL_SIDE_PX
    per_s: float = 2.0
    shot_starts: bool = False


class Analyser(Protocol):
    """Looks at stills while the film goes by, then reads the whole film at once.

    One analyser follows one film at a time: `read` ends the film, and the next `see` begins another.
    """

    @property
    def name(self) -> str:
        """The name every output carries: "colour-motion"."""

    @property
    def wants(self) -> StillWish:
        """The stills it is to be shown."""

    def see(self, still: Still) -> None:
        """Take in one still; it must not be kept longer than a batch needs."""

    def read(self, reading: Reading) -> EmotionCurve:
        """The curve of the film whose stills were seen, at CURVE_RATE_HZ."""
