"""What turns a film into an emotion curve: the protocol that every analyser obeys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from scoring.analysis import Activity, Curve, EmotionCurve, Shots
from vision.frames import Still

CURVE_RATE_HZ = 2.0  # how often every analyser gives its opinion


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


class Analyser(Protocol):
    """Looks at stills while the film goes by, then reads the whole film at once.

    One analyser follows one film at a time: `read` ends the film, and the next `see` begins another.
    """

    @property
    def name(self) -> str:
        """The name every output carries: "colour-motion"."""

    def see(self, still: Still) -> None:
        """Take in one still; it must not be kept longer than a batch needs."""

    def read(self, reading: Reading) -> EmotionCurve:
        """The curve of the film whose stills were seen, at CURVE_RATE_HZ."""
