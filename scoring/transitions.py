"""How each cue hands over to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from scoring.analysis import Cut
from scoring.cue_sheet import Transition
from scoring.key import Key

# Design choices.
FALL = 0.45  # of valence and arousal together: the cue rings out into what comes
JUMP = 0.45  # of arousal, at a heavy hit: the new cue strikes
HEAVY = 0.8  # weight of the hit it strikes on
CALM = 0.0  # arousal below which a crossfade takes two beats instead of one
RING_OUT_BEATS = 4.0
LONGEST_SLOW_BEATS = 8  # of a transition over a dissolve or a fade, which otherwise takes as many whole beats as that


@dataclass(frozen=True, slots=True)
class Side:
    """What a cue is like where it meets its neighbour.

    start_weight: of the hit at its start, 0 if there is none. beat_s: length of its beat. arrival: the change of shot
    it starts on, None if it starts within a shot.
    """

    valence: float
    arousal: float
    key: Key
    start_weight: float
    beat_s: float = 0.5
    arrival: Cut | None = None


def plan_transitions(sides: Sequence[Side]) -> list[Transition]:
    """One per cue, the last of them an ending."""
    inner = [_between(before, after) for before, after in pairwise(sides)]
    return [*inner, Transition("end", 0.0)]


def _between(before: Side, after: Side) -> Transition:
    if after.arrival is not None and after.arrival.kind != "cut":
        return _slow(before, after, after.arrival)
    if after.start_weight >= HEAVY and after.arousal - before.arousal >= JUMP:
        return Transition("cut", 0.0)
    falls = before.arousal - after.arousal + before.valence - after.valence >= FALL
    # Keys further apart than a step clash where they overlap (peers.md §6.3).
    if (falls and after.arousal < before.arousal) or before.key.fifths_to(after.key) > 1:
        return Transition("ring_out", RING_OUT_BEATS)
    return crossfade(min(before.arousal, after.arousal))


def _slow(before: Side, after: Side, change: Cut) -> Transition:
    """Over a dissolve, or a fade in, a crossfade as long as that; into a fade out, or into a far key, a ring-out."""
    beats = float(min(max(ceil(change.length_s / before.beat_s - 1e-6), 1), LONGEST_SLOW_BEATS))
    fades_out = change.kind == "fade" and change.start_s < change.time_s
    if fades_out or before.key.fifths_to(after.key) > 1:
        return Transition("ring_out", max(beats, RING_OUT_BEATS))
    return Transition("crossfade", beats)


def crossfade(arousal: float) -> Transition:
    """A beat of overlap, two where it is calm. arousal: −1..1."""
    return Transition("crossfade", 2.0 if arousal < CALM else 1.0)
