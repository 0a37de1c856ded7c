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
    Raises ValueError unless 0 ≤ start_s < end_s and the loudness is a number or None.
    """

    start_s: float
    end_s: float
    loudness_lufs: float | None = None

    def __post_init__(self) -> None:
        _refuse_before_film(self.time_range)
        if self.loudness_lufs is not None and not math.isfinite(self.loudness_lufs):
            raise ValueError(f"a region's loudness is a number of LUFS or None, found {self.loudness_lufs}")

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
        """Seconds to the millisecond, loudness to two decimals."""
        return {
            "regions": [
                {
                    "start_s": round(region.start_s, 3),
                    "end_s": round(region.end_s, 3),
                    "loudness_lufs": None if region.loudness_lufs is None else round(region.loudness_lufs, 2),
                }
                for region in self.regions
            ]
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Speech:
        """The inverse of to_json, up to the rounding."""
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
