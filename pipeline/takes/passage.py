"""Which stretch of the film tells two takes apart best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from scoring.cue_sheet import CueSheet
from scoring.timebase import SAMPLE_RATE_HZ, TimeRange, clock

LONGEST_S = 15.0  # nine takes are then heard in two and a quarter minutes
LEAD_SHARE = 1 / 3  # of the passage before its hit: how the music gets there is half of the effect
SPEECH_COUNTS = 0.5  # a second with speech tells half as much about the music as one without
CUE_START_WEIGHT = 0.2  # less than any hit has (hits.LEAST_WEIGHT): only for films without hits
_STEPS_PER_S = 10
_RATES = Fraction(10), Fraction(30)  # pictures a second of the comparison: enough, and small


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the film as whole pictures of the comparison clip.

    start_s: film time. rate: pictures a second. pictures: how many. why: for people.
    """

    start_s: float
    rate: Fraction
    pictures: int
    why: str

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return float(self.pictures / self.rate)

    def samples(self, number: int) -> int:
        """How many samples the section of the clip with this index has, so that all together drift by none."""
        ends = [round(n * self.pictures / self.rate * SAMPLE_RATE_HZ) for n in (number, number + 1)]
        return ends[1] - ends[0]

    def __str__(self) -> str:
        return f"{clock(self.start_s)} to {clock(self.start_s + self.duration_s)}, {self.why}"


def choose_passage(sheet: CueSheet, speech: Sequence[TimeRange], without_music: Sequence[TimeRange]) -> Passage:
    """At most LONGEST_S around the hit that tells most: its weight times the share of its passage with music.

    Speech counts half as much there. A hit has a third of the passage before it. Where hits tell the same, the earlier;
    without any, a cue's beginning.
    speech: where somebody speaks and is heard. without_music: where the mix has none, beyond the sheet's silences.
    """
    length_s = min(LONGEST_S, sheet.duration_s)
    telling = _telling(sheet, speech, without_music)
    moments = [(hit.time_s, hit.weight, "heaviest hit") for cue in sheet.cues for hit in cue.hit_points]
    moments += [(cue.in_s, CUE_START_WEIGHT, "beginning of a cue") for cue in sheet.cues]
    best_value, best_start_s, why = -1.0, 0.0, ""
    for time_s, weight, name in sorted(moments):
        start_s = min(max(0.0, time_s - LEAD_SHARE * length_s), sheet.duration_s - length_s)
        first = round(start_s * _STEPS_PER_S)
        share = float(telling[first : first + max(1, round(length_s * _STEPS_PER_S))].mean())
        if weight * share > best_value + 1e-9:
            best_value, best_start_s, why = weight * share, start_s, f"around the {name} at {clock(time_s)}"
    rate = _picture_rate(sheet.frame_rate.fraction)
    return Passage(best_start_s, rate, max(1, int(length_s * rate + Fraction(1, 1000))), why)


def _telling(
    sheet: CueSheet, speech: Sequence[TimeRange], without_music: Sequence[TimeRange]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """[K] how much each tenth of a second tells about the music, 0..1."""
    telling = np.ones(max(1, round(sheet.duration_s * _STEPS_PER_S)))
    middles = (np.arange(telling.size) + 0.5) / _STEPS_PER_S
    for ranges, worth in ((speech, SPEECH_COUNTS), ((*sheet.silences, *without_music), 0.0)):
        for r in ranges:
            telling[(middles >= r.start_s) & (middles < r.end_s)] = worth
    return telling


def _picture_rate(rate: Fraction) -> Fraction:
    """The film's own rate, halved or doubled until it is a usual one: every picture is then a whole one of the film."""
    slowest, fastest = _RATES
    while rate > fastest:
        rate /= 2
    while rate < slowest:
        rate *= 2
    return rate
