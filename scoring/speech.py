"""What the film already says: where somebody speaks, and where there is music before we add any."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from scoring.timebase import TimeRange


@dataclass(frozen=True, slots=True)
class SpeechRegion:
    """A half-open stretch, [start_s, end_s) seconds, in which somebody speaks.

    loudness_lufs: of the film's whole sound in it, gated as in ITU-R BS.1770; None where it is too quiet to measure.
    pitch_hz: the voice's median pitch; pitch_spread_st: its standard deviation, semitones. pace_per_s: syllables in
    each second that sounds, counted without knowing the words. Each None where it cannot be told.
    Raises ValueError unless 0 ≤ start_s < end_s, the loudness is a number or None, and so are the others, pitch and
    pace above 0, the spread 0 or above.
    """

    start_s: float
    end_s: float
    loudness_lufs: float | None = None
    pitch_hz: float | None = None
    pitch_spread_st: float | None = None
    pace_per_s: float | None = None

    def __post_init__(self) -> None:
        _refuse_before_film(self.time_range)
        if self.loudness_lufs is not None and not math.isfinite(self.loudness_lufs):
            raise ValueError(f"a region's loudness is a number of LUFS or None, found {self.loudness_lufs}")
        for name, value in (("pitch", self.pitch_hz), ("pace", self.pace_per_s)):
            if value is not None and not (math.isfinite(value) and value > 0.0):
                raise ValueError(f"a voice's {name} is a number above 0 or None, found {value}")
        if self.pitch_spread_st is not None and not (math.isfinite(self.pitch_spread_st) and self.pitch_spread_st >= 0):
            raise ValueError(f"a voice's spread is 0 semitones or more, or None, found {self.pitch_spread_st}")

    @property
    def time_range(self) -> TimeRange:
        """The stretch without its loudness."""
        return TimeRange(self.start_s, self.end_s)

    @property
    def duration_s(self) -> float:
        """Length in seconds, above zero."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class Speech:
    """Where somebody speaks: regions in order that do not overlap. Raises ValueError otherwise."""

    regions: tuple[SpeechRegion, ...] = ()

    def __post_init__(self) -> None:
        _refuse_disorder(self.ranges)

    @property
    def ranges(self) -> tuple[TimeRange, ...]:
        """The regions without their loudness."""
        return tuple(region.time_range for region in self.regions)

    def to_json(self) -> dict[str, Any]:
        """Seconds to the millisecond, what describes the voice to two decimals and left out where it is not known."""
        return {"regions": [_region_object(region) for region in self.regions]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Speech:
        """The inverse of to_json, up to the rounding. Regions before schema 3 know of no pitch and pace."""
        return cls(tuple(SpeechRegion(**region) for region in data["regions"]))


@dataclass(frozen=True, slots=True)
class SourceMusic:
    """Where the film's own sound holds music, under speech too: ranges in order that do not overlap.

    Raises ValueError otherwise.
    """

    regions: tuple[TimeRange, ...] = ()

    def __post_init__(self) -> None:
        for region in self.regions:
            _refuse_before_film(region)
        _refuse_disorder(self.regions)

    def to_json(self) -> dict[str, Any]:
        """Seconds to the millisecond."""
        return {"regions": [{"start_s": round(r.start_s, 3), "end_s": round(r.end_s, 3)} for r in self.regions]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> SourceMusic:
        """The inverse of to_json, up to the rounding."""
        return cls(tuple(TimeRange(**region) for region in data["regions"]))


def _region_object(region: SpeechRegion) -> dict[str, float | None]:
    loudness_lufs = None if region.loudness_lufs is None else round(region.loudness_lufs, 2)
    found = {name: getattr(region, name) for name in ("pitch_hz", "pitch_spread_st", "pace_per_s")}
    voice = {name: round(value, 2) for name, value in found.items() if value is not None}
    return {
        "start_s": round(region.start_s, 3),
        "end_s": round(region.end_s, 3),
        "loudness_lufs": loudness_lufs,
        **voice,
    }


def _refuse_before_film(region: TimeRange) -> None:
    if region.start_s < 0.0:
        raise ValueError(f"nothing is heard before the film begins, found [{region.start_s}, {region.end_s})")


def _refuse_disorder(ranges: Sequence[TimeRange]) -> None:
    for before, after in pairwise(ranges):
        if after.start_s < before.end_s:
            raise ValueError(
                f"regions stand in order and do not overlap, found [{before.start_s}, {before.end_s}) "
                f"before [{after.start_s}, {after.end_s})"
            )
