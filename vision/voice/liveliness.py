"""How lively the voices of a film are over time, from loudness, pitch and pace.

Aroused voices are louder, higher, more varied in pitch and faster, calm and sad ones the opposite: Juslin & Laukka 2003
(Psychol. Bull. 129: 770, 104 studies), Scherer 2003 (Speech Commun. 40: 227), Goudbeek & Scherer 2010 (J. Acoust. Soc.
Am. 128: 1322). Liveliness as listeners judge it grows with the excursions of pitch in semitones and with pace:
Traunmüller & Eriksson 1995 (J. Acoust. Soc. Am. 97: 1905). From there come the directions; every number below is a
design choice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from scoring.analysis import Curve
from scoring.speech import Speech, SpeechRegion

EARLY_S, LATE_S = 1.5, 6.0  # how fast a voice comes and goes in the curve: it falls to 1/e in these times
_REACH = 5.0  # times as far, nothing of a region is left
_DECIMALS = 4  # as analysis.json holds a curve


@dataclass(frozen=True, slots=True)
class Trait:
    """How a trait of a voice counts. usual: a usual voice's. full: how far from it counts as 1. share: of the whole."""

    usual: float
    full: float
    share: float

    def part(self, value: float) -> float:
        """−share..share, never further however unusual the voice."""
        return self.share * min(max((value - self.usual) / self.full, -1.0), 1.0)


# The loudness is absolute, between broadcast's −23 LUFS (EBU R 128) and the −14 to −16 LUFS at which the web plays: a
# film's own mean would say nothing of a film that is loud throughout. Loud masters must not count for much, hence the
# width. A voice that was turned up counts as a voice raised: the level alone does not tell them apart.
LOUDNESS = Trait(usual=-20.0, full=12.0, share=0.4)
# Pitch in semitones over 155 Hz, midway between men's and women's usual registers. Wide and of small weight, because a
# woman is not livelier than a man: their distance of about eleven semitones moves the whole by 0.1 of its span of 2.
PITCH = Trait(usual=12.0 * math.log2(155.0), full=12.0, share=0.12)
# Spread, in semitones, is free of the register.
SPREAD = Trait(usual=2.7, full=2.0, share=0.13)
# Pace as an octave, in the counter's own units (syllables.py), in which speech of four to five syllables reads 5.5.
PACE = Trait(usual=math.log2(5.5), full=0.7, share=0.35)


def liveliness(region: SpeechRegion) -> float | None:
    """−1..1, how much livelier a region's voice is than a usual one; None where its voice cannot be described.

    What is not known of it counts as usual.
    """
    if region.pitch_hz is None:
        return None
    found = PITCH.part(12.0 * math.log2(region.pitch_hz))
    if region.loudness_lufs is not None:
        found += LOUDNESS.part(region.loudness_lufs)
    if region.pitch_spread_st is not None:
        found += SPREAD.part(region.pitch_spread_st)
    if region.pace_per_s is not None:
        found += PACE.part(math.log2(region.pace_per_s))
    return found


def voice_curve(speech: Speech, times_s: Curve) -> Curve:
    """[T] −1..1 at rising film times [T]: the liveliness of the voices near each time, fading where nobody speaks.

    Empty where no region's voice can be described. At any time the regions count by how long and how lately they
    sounded, and the whole by the nearest of them: it rises over EARLY_S before speech and falls over LATE_S after it.
    """
    lively = [(region, value) for region in speech.regions if (value := liveliness(region)) is not None]
    if not lively or not len(times_s):
        return np.zeros(0)
    weight, weighted, presence = (np.zeros(len(times_s)) for _ in range(3))
    for region, value in lively:
        first, last = np.searchsorted(
            times_s, [region.start_s - _REACH * EARLY_S, region.end_s + _REACH * LATE_S], side="left"
        )
        near_s = times_s[first:last]
        own = _sounded_s(near_s, region)
        weight[first:last] += own
        weighted[first:last] += value * own
        presence[first:last] = np.maximum(presence[first:last], _nearness(near_s, region))
    mean = np.divide(weighted, weight, out=np.zeros(len(times_s)), where=weight > 0)
    return np.asarray(np.round(mean * presence, _DECIMALS), np.float64)


def _sounded_s(times_s: Curve, region: SpeechRegion) -> Curve:
    """How much of a region is remembered, or foreseen, at each time: its seconds, each fading with its distance."""
    past_s = np.clip(times_s - region.start_s, 0.0, region.duration_s)
    ago_s = np.maximum(times_s - region.end_s, 0.0)
    coming_s = region.duration_s - past_s
    ahead_s = np.maximum(region.start_s - times_s, 0.0)
    remembered = LATE_S * np.exp(-ago_s / LATE_S) * -np.expm1(-past_s / LATE_S)
    foreseen = EARLY_S * np.exp(-ahead_s / EARLY_S) * -np.expm1(-coming_s / EARLY_S)
    return np.asarray(remembered + foreseen, np.float64)


def _nearness(times_s: Curve, region: SpeechRegion) -> Curve:
    """1 in the region, falling to 1/e over EARLY_S before it and LATE_S after it."""
    ahead_s, ago_s = np.maximum(region.start_s - times_s, 0.0), np.maximum(times_s - region.end_s, 0.0)
    return np.asarray(np.exp(-ahead_s / EARLY_S - ago_s / LATE_S), np.float64)
