"""Faults of time: everything late, another tempo, a stumble at a seam."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from faults.base import Base, Sound, Spoilt
from faults.composing import recomposed
from faults.fault import SIZES, Fault, times
from scoring.cue_sheet import Cue
from scoring.key import Key
from scoring.timebase import samples_at

TOLERANCE_S = 0.080  # of a hit


def late(sound: Sound, seconds: float) -> Sound:
    """The sound so much later, as long as it was."""
    n = samples_at(seconds)
    return np.concatenate([np.zeros((2, n), np.float32), sound[:, : sound.shape[1] - n]], axis=1)


def shifted(base: Base, seconds: float) -> Spoilt:
    """All of the music late against its plan."""
    return Spoilt(laid=late(base.laid, seconds))


def at_tempo(base: Base, per_cent: float) -> Spoilt:
    """Every cue composed so much quicker than planned."""

    def quicker(cue: Cue) -> Cue:
        return replace(cue, bpm=cue.bpm * (1 + per_cent / 100))

    return Spoilt(laid=recomposed(base, f"tempo{per_cent:g}", quicker))


def stumbling(base: Base, beats: float) -> Spoilt:
    """What follows the seam comes a part of a beat late."""
    join = base.seam("crossfade")
    assert join is not None
    after = next(cue for cue in base.plan.cues if cue.id == join.after)
    seconds = beats * 60 / after.bpm
    first, half = samples_at(join.at_s), max(1, samples_at(join.overlap_s) // 2)
    ramp = np.clip((np.arange(base.laid.shape[1]) - (first - half)) / (2 * half), 0, 1).astype(np.float32)
    up, down = np.sqrt(ramp), np.sqrt(1 - ramp)
    until = samples_at(after.range.end_s) - first
    spoilt = base.laid * down + late(base.laid, seconds) * up
    spoilt[:, first + until :] = base.laid[:, first + until :]
    return Spoilt(laid=spoilt)


def phase_edge(base: Base) -> float | None:
    """B4's threshold, where both sides of a seam have a pulse."""
    return base.bad("B4") if base.seam("crossfade") is not None else None


def wrong_key(base: Base, steps: float) -> Spoilt:
    """The longest cue composed so many fifths off."""
    wrong = base.longest_cue().id

    def elsewhere(cue: Cue) -> Cue:
        return replace(cue, key=moved(cue.key, round(steps))) if cue.id == wrong else cue

    return Spoilt(laid=recomposed(base, f"key{steps:g}", elsewhere))


def moved(key: Key, steps: int) -> Key:
    """So many fifths up."""
    return Key((key.tonic + 7 * steps) % 12, key.mode)


def whole_steps(base: Base, row: str) -> dict[str, float]:
    """Steps on the circle of fifths, six at most, against the fewest that fail."""
    bad = base.bad(row)
    return {} if bad is None else {size: float(min(6, round(float(size) * (bad + 1)))) for size in SIZES}


FAULTS = (
    Fault(
        "grid shifted",
        ("A3", "A4"),
        "s",
        times(lambda base: TOLERANCE_S if base.bad("A3") is not None else None),
        shifted,
    ),
    Fault("another tempo", ("C1",), "%", times(lambda base: base.bad("C1")), at_tempo),
    Fault("beat stumbles at a seam", ("B4",), "beats", times(phase_edge), stumbling),
    Fault("cue in a wrong key", ("C2",), "fifths", lambda base: whole_steps(base, "C2"), wrong_key),
)
