"""How each cue hands over to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from scoring.cue_sheet import Transition
from scoring.key import Key

# Design choices.
FALL = 0.45  # of valence and arousal together: the cue rings out into what comes
JUMP = 0.45  # of arousal, at a heavy hit: the new cue strikes
HEAVY = 0.8  # weight of the hit it strikes on
CALM = 0.0  # arousal below which a crossfade takes two beats instead of one
RING_OUT_BEATS = 4.0


@dataclass(frozen=True, slots=True)
class Side:
    """What a cue is like where it meets its neighbour. start_weight: of the hit at its start, 0 if there is none."""

    valence: float
    arousal: float
    key: Key
    start_weight: float


def plan_transitions(sides: Sequence[Side]) -> list[Transition]:
    """One per cue, the last of them an ending."""
    inner = [_between(before, after) for before, after in pairwise(sides)]
    return [*inner, Transition("end", 0.0)]


def _between(before: Side, after: Side) -> Transition:
    if after.start_weight >= HEAVY and after.arousal - before.arousal >= JUMP:
        return Transition("cut", 0.0)
    falls = before.arousal - after.arousal + before.valence - after.valence >= FALL
    # Keys further apart than a step clash where they overlap (peers.md §6.3).
    if (falls and after.arousal < before.arousal) or before.key.fifths_to(after.key) > 1:
        return Transition("ring_out", RING_OUT_BEATS)
    return crossfade(min(before.arousal, after.arousal))


def crossfade(arousal: float) -> Transition:
    """A beat of overlap, two where it is calm. arousal: −1..1."""
    return Transition("crossfade", 2.0 if arousal < CALM else 1.0)
