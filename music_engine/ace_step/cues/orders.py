"""What a request costs the model: stretches of music of so many frames, gathered into batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from music_engine.ace_step.cues.lengths import frames_for
from music_engine.ace_step.cues.segments import Segment, cut
from scoring.errors import InputError
from scoring.limits import HIGHEST_SEED
from scoring.request import CueRequest
from scoring.seeds import cue_seed
from scoring.timebase import samples_at

MOST_AT_ONCE = 8  # items of a batch; more gain nothing on the cards measured and cost memory
SEEDS = 2**32  # what the noise takes


@dataclass(frozen=True, slots=True)
class Order:
    """One cue. lead_in, body, tail: samples at 48 kHz; segments: in which it is made, one unless it is very long."""

    request: CueRequest
    lead_in: int
    body: int
    tail: int
    segments: tuple[Segment, ...]

    @classmethod
    def of(cls, request: CueRequest) -> Order:
        """Everything asked for, exactly."""
        lead_in, body, tail = (samples_at(s) for s in (request.lead_in_s, request.duration_s, request.tail_s))
        return cls(request, lead_in, body, tail, cut(lead_in + body + tail))

    @property
    def samples(self) -> int:
        """Of the whole cue."""
        return self.lead_in + self.body + self.tail


@dataclass(frozen=True, slots=True)
class Item:
    """One segment of one order, as the sampler takes it. order, segment: their numbers. seed: 0..2^32−1."""

    order: int
    segment: int
    frames: int
    seed: int


def items_of(orders: Sequence[Order]) -> list[Item]:
    """Every segment of every order. The first segment has the cue's own seed, the others one that follows from it."""
    return [
        Item(number, place, frames_for(segment.samples), noise_seed(order.request.seed, place))
        for number, order in enumerate(orders)
        for place, segment in enumerate(order.segments)
    ]


def noise_seed(seed: int, place: int = 0) -> int:
    """The seed of a cue's segment, as the noise takes it. Raises InputError for one that is none."""
    if not 0 <= seed <= HIGHEST_SEED:
        raise InputError(f"the seed is {seed!r}", f"Take a whole number of 0 to {HIGHEST_SEED}")
    return cue_seed(seed, f"segment {place}") if place else seed % SEEDS


def batches(items: Sequence[Item]) -> list[list[Item]]:
    """Items of equal length together, MOST_AT_ONCE at most: the patch embedding's norm runs over time, so others would
    hear each other's padding."""
    alike: dict[int, list[Item]] = {}
    for item in items:
        alike.setdefault(item.frames, []).append(item)
    return [some[at : at + MOST_AT_ONCE] for some in alike.values() for at in range(0, len(some), MOST_AT_ONCE)]
