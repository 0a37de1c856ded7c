"""One place where two cues meet, and the music on either side of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.card.evidence import CuePlan, Evidence, Series
from pipeline.card.laid import laid_gain_db, ungained
from pipeline.card.track import Track
from pipeline.sound.clearance import STEPS_PER_S
from pipeline.sound.join import Join

_OPEN_DB = -12.0  # under deeper ducks, what is left of the film's own sound has its say in the music's sound


@dataclass(frozen=True, slots=True)
class Seam:
    """A join and its cues. before_step, after_step: the overlap is [before_step, after_step) of the [K] curves."""

    join: Join
    before: CuePlan
    after: CuePlan
    before_step: int
    after_step: int

    @property
    def is_crossfade(self) -> bool:
        """Whether one is to become the other unnoticed; a cut strikes, and after a ring-out something else begins."""
        return self.join.kind == "crossfade"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a row measured at a seam. is_sure: whether it may fail by it. said: for the row's advice."""

    value: float
    detail: dict[str, Any] = field(default_factory=dict)
    is_sure: bool = True
    said: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Music:
    """The music's track and, [K], its energy before any planned gain, where it can be judged, and where the film's own
    sound is too far below it to matter.
    """

    track: Track
    energy: Series
    judgeable: NDArray[np.bool_]
    is_open: NDArray[np.bool_]

    def before(self, seam: Seam, seconds: float) -> slice:
        """The steps of the cue before the seam, up to the overlap, at most so many seconds."""
        start = max(self._step(seam.before.range.start_s), seam.before_step - round(seconds * STEPS_PER_S))
        return slice(max(0, min(start, seam.before_step)), seam.before_step)

    def after(self, seam: Seam, seconds: float) -> slice:
        """The steps of the cue after the seam, from the overlap on, at most so many seconds."""
        stop = min(self._step(seam.after.range.end_s), seam.after_step + round(seconds * STEPS_PER_S))
        return slice(seam.after_step, max(seam.after_step, min(stop, self.energy.size)))

    def _step(self, time_s: float) -> int:
        return round((time_s - self.track.starts_at_s) * STEPS_PER_S)

    def times_s(self, part: slice) -> Series:
        """The middles of steps, film time."""
        return np.asarray(self.track.starts_at_s + (np.arange(part.start, part.stop) + 0.5) / STEPS_PER_S)


def music_of(evidence: Evidence, track: Track) -> Music:
    """What the seams are measured on."""
    energy, judgeable = ungained(evidence, track)
    return Music(track, energy, judgeable, judgeable & (laid_gain_db(evidence, track) >= _OPEN_DB))


def seams_of(evidence: Evidence, track: Track) -> list[Seam]:
    """Every join of the plan whose two cues were delivered."""
    if evidence.plan is None:
        return []
    cues = {cue.id: cue for cue in evidence.plan.cues if not cue.withheld}
    seams = []
    for join in evidence.plan.joins:
        if join.before in cues and join.after in cues:
            half = join.overlap_s / 2
            first = math.floor((join.at_s - half - track.starts_at_s) * STEPS_PER_S + 1e-6)
            last = math.ceil((join.at_s + half - track.starts_at_s) * STEPS_PER_S - 1e-6)
            last = max(first, last)
            seams.append(Seam(join, cues[join.before], cues[join.after], max(0, first), max(0, last)))
    return seams
