"""Tempi that make every cue whole bars long and land on its hits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scoring.analysis import Curve
from scoring.cue_sheet import HitPoint, Metre
from scoring.limits import UNLISTED_GAP_S

# affect.md, V/A → music: 62 → 150 bpm over arousal −1..1 (exponential), and 8 bpm over valence −1..1.
CALMEST_BPM, LIVELIEST_BPM = 62.0, 150.0
VALENCE_BPM = 8.0

SEARCH = 0.12  # relative; how far from its target a tempo is looked for
WIDEST = 1 / 3  # relative; further off, a cue keeps its target tempo and its last bar is not whole
# Weights of the search (design choices): a hit counts 1 above chance, a near miss half, a bar line a quarter more.
NEAR, DOWNBEAT = 0.5, 0.25
DISTANCE_COST = 0.25  # at the edge of the search; grows with the square
UNRELATED_COST = 0.1  # neighbours whose tempi are not as RELATED, within RELATED_TOLERANCE
RELATED = (1.0, 2.0, 0.5, 1.5, 2 / 3)
RELATED_TOLERANCE = 0.02


@dataclass(frozen=True, slots=True)
class TempoWish:
    """What a cue asks of its tempo. hits: film times, in_s counts as a bar line."""

    in_s: float
    out_s: float
    target_bpm: float
    range_bpm: tuple[float, float]
    metre: Metre
    hits: tuple[HitPoint, ...]


def target_bpm(valence: float, arousal: float, range_bpm: tuple[float, float]) -> float:
    """The tempo of a feeling (affect.md), its place within all tempi kept within the style's range.

    valence, arousal: −1..1.
    """
    bpm = CALMEST_BPM * (LIVELIEST_BPM / CALMEST_BPM) ** ((arousal + 1) / 2) + VALENCE_BPM * valence / 2
    slowest, fastest = CALMEST_BPM - VALENCE_BPM / 2, LIVELIEST_BPM + VALENCE_BPM / 2
    place = math.log(bpm / slowest) / math.log(fastest / slowest)
    low, high = range_bpm
    return low * math.exp(place * math.log(high / low))


def plan_tempi(wishes: Sequence[TempoWish]) -> list[float]:
    """One tempo per cue, bpm: whole bars, on the hits, near the target, related to the neighbours'.

    The best chain over the whole film (Viterbi).
    """
    if not wishes:
        return []
    options = [whole_bar_tempi(wish) for wish in wishes]
    merits = [np.array([merit(bpm, wish) for bpm in some]) for some, wish in zip(options, wishes, strict=True)]
    best = merits[0]
    came_from = []
    for before, here, gain in zip(options, options[1:], merits[1:], strict=False):
        joint = best[:, None] - np.array([[_unrelated(a, b) for b in here] for a in before])
        came_from.append(joint.argmax(axis=0))
        best = joint.max(axis=0) + gain
    chain = [int(best.argmax())]
    for step in reversed(came_from):
        chain.append(int(step[chain[-1]]))
    return [some[choice] for some, choice in zip(options, reversed(chain), strict=True)]


def whole_bar_tempi(wish: TempoWish) -> list[float]:
    """The tempi at which the cue is a whole number of bars, to 6 decimals, near the target.

    Within ±SEARCH and the style's range; else the nearest within the range, else the nearest within ±WIDEST; else
    the target alone, and the last bar is not whole.
    """
    bar_bpm = 60.0 * wish.metre.beats / (wish.out_s - wish.in_s)  # the tempo at which the cue is one bar
    low, high = wish.range_bpm
    near = [wish.target_bpm / (1 + SEARCH), wish.target_bpm * (1 + SEARCH)]
    wide = [wish.target_bpm / (1 + WIDEST), wish.target_bpm * (1 + WIDEST)]
    both = _multiples(bar_bpm, max(low, near[0]), min(high, near[1]))
    if both:
        return both
    either = _multiples(bar_bpm, low, high) or _multiples(bar_bpm, *wide) or [round(wish.target_bpm, 1)]
    return [min(either, key=lambda bpm: abs(math.log(bpm / wish.target_bpm)))]


def _multiples(step: float, low: float, high: float) -> list[float]:
    return [round(step * n, 6) for n in range(max(1, math.ceil(low / step)), math.floor(high / step) + 1)]


def first_downbeat_s(in_s: float, out_s: float, bpm: float, metre: Metre) -> float:
    """The film time of a cue's first bar line when its tempo is given and its length is not whole bars.

    Up to half a bar too much becomes a lead-in, so that the cue ends on a bar line; with more, its last bar is cut
    short and it starts on one. Whole bars, to UNLISTED_GAP_S, start at once.
    """
    bar_s = 60.0 * metre.beats / bpm
    over_s = (out_s - in_s) % bar_s
    is_lead_in = UNLISTED_GAP_S < over_s <= bar_s / 2 and out_s - in_s > bar_s
    return round(in_s + over_s, 6) if is_lead_in else in_s


def merit(bpm: float, wish: TempoWish) -> float:
    """How well a tempo lands on the hits, above chance, less its distance from the target.

    After peers.md §5 with the chance level taken off, so that a fast pulse earns nothing by having many beats.
    """
    octaves = math.log(bpm / wish.target_bpm) / math.log(1 + SEARCH)
    return landing(bpm, wish.metre, wish.in_s, wish.hits) - DISTANCE_COST * octaves**2


def landing(bpm: float, metre: Metre, downbeat_s: float, hits: Sequence[HitPoint]) -> float:
    """The weighted share of hits on the beat, near misses and bar lines counted in, less what chance would give."""
    if not hits:
        return 0.0
    beat_s = 60.0 / bpm
    times_s = np.array([h.time_s for h in hits]) - downbeat_s
    weights = np.array([h.weight for h in hits])
    tolerances_s = np.array([h.tolerance_ms for h in hits]) / 1000
    gained = (
        (1 - NEAR) * _above_chance(times_s, beat_s, tolerances_s)
        + NEAR * _above_chance(times_s, beat_s, 2 * tolerances_s)
        + DOWNBEAT * _above_chance(times_s, beat_s * metre.beats, tolerances_s)
    )
    return float((weights * gained).sum() / max(weights.sum(), 1e-9))


def _above_chance(times_s: Curve, period_s: float, tolerance_s: Curve) -> Curve:
    error_s = np.abs(times_s - np.round(times_s / period_s) * period_s)
    return (error_s <= tolerance_s) - np.minimum(1.0, 2 * tolerance_s / period_s)


def _unrelated(before_bpm: float, bpm: float) -> float:
    """0 for tempi in a RELATED ratio, up to UNRELATED_COST for others."""
    off = min(abs(math.log(bpm / before_bpm / ratio)) for ratio in RELATED)
    return UNRELATED_COST * min(1.0, off / math.log(1 + RELATED_TOLERANCE))
