"""Counting along: which bar and beat of which cue it is."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.cue_sheet import Cue
from scoring.request import CueTake

_SAME_S = 1e-3  # a bar line and its beat are one moment


@dataclass(frozen=True, slots=True)
class Place:
    """Where the music is. bar: 1 from the first bar line, 0 before it; beat: 1 from the bar line. since_s: the beat."""

    bar: int
    beat: int
    since_s: float


@dataclass(frozen=True, slots=True)
class Counted:
    """A cue's beats. times_s: [N] rising, film seconds; bar, beat: [N] their numbers, as in Place.

    is_planned: they are the plan's, because nobody says where the take has its own.
    """

    times_s: NDArray[np.float64]
    bar: NDArray[np.intp]
    beat: NDArray[np.intp]
    is_planned: bool

    def at(self, time_s: float) -> Place | None:
        """The beat last passed; None before the first."""
        index = bisect_right(self.times_s, time_s + _SAME_S) - 1
        if index < 0:
            return None
        return Place(int(self.bar[index]), int(self.beat[index]), max(0.0, time_s - float(self.times_s[index])))


def taken_beats(cue: Cue, take: CueTake) -> Counted:
    """The beats that the take says it has. Its times count from the cue's beginning."""
    beats, bars = np.array(sorted(take.beats_s)), np.array(sorted(take.bars_s))
    return _count(cue, cue.in_s + beats, cue.in_s + bars, is_planned=False)


def planned_beats(cue: Cue) -> Counted:
    """The beats of the cue's tempo, those of its lead-in too."""
    before = math.floor((cue.first_downbeat_s - cue.in_s) / cue.beat_s + _SAME_S)
    after = max(1, math.ceil((cue.out_s - cue.first_downbeat_s) / cue.beat_s - _SAME_S))
    numbers = np.arange(-before, after)
    times_s = np.asarray(cue.first_downbeat_s + numbers * cue.beat_s, np.float64)
    return _count(cue, times_s, times_s[(numbers >= 0) & (numbers % cue.metre.beats == 0)], is_planned=True)


def _count(cue: Cue, times_s: NDArray[np.float64], bars_s: NDArray[np.float64], *, is_planned: bool) -> Counted:
    """Number the beats. What comes before the first bar line counts towards it: the last one is the metre's last."""
    inside = times_s < cue.out_s - _SAME_S
    times_s = times_s[inside]
    bar = np.searchsorted(bars_s - _SAME_S, times_s, side="right")
    first_of_bar = np.searchsorted(times_s, bars_s - _SAME_S)
    place = np.arange(len(times_s))
    lead_in = int(np.sum(bar == 0))
    beat = np.where(
        bar == 0,
        (place - lead_in) % cue.metre.beats + 1,
        place - np.append(first_of_bar, 0)[np.maximum(bar, 1) - 1] + 1,
    )
    return Counted(times_s, bar, beat, is_planned)
