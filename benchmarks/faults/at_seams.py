"""Faults where cues meet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from faults.base import Base, Spoilt, cut
from faults.composing import recomposed
from faults.fault import Fault, times, yes_no
from faults.timing import moved, whole_steps
from pipeline.card.track import CLICK_HZ
from scoring.cue_sheet import Cue
from scoring.timebase import SAMPLE_RATE_HZ, samples_at

MET = ("crossfade",)
CLICK_AROUND_S = 2.0


def edge(base: Base, row: str) -> float | None:
    """The row's threshold, where the film has a seam to spoil."""
    return base.bad(row) if base.seam(*MET) is not None else None


def stepping(base: Base, step_lu: float) -> Spoilt:
    """What follows the seam is so much louder than planned, until its cue ends."""
    join = base.seam(*MET)
    assert join is not None
    after = next(cue for cue in base.plan.cues if cue.id == join.after)
    gain = 10 ** (step_lu / 20)
    # A cue that is louder fades in louder: the step is drawn over the crossfade.
    half_s = join.overlap_s / 2
    return Spoilt(
        laid=cut(base.laid, join.at_s - half_s, after.range.end_s + half_s, gain, fade_s=max(0.02, join.overlap_s))
    )


def dipping(base: Base, dip_lu: float) -> Spoilt:
    """The crossfade lets the music sag in its middle, or, where it is too short to, the half second around it."""
    join = base.seam(*MET)
    assert join is not None
    half_s = max(0.25, join.overlap_s / 2)
    n = base.laid.shape[1]
    from_middle_s = np.abs(np.arange(n) / SAMPLE_RATE_HZ - join.at_s)
    down_db = -dip_lu * np.clip(2 * (1 - from_middle_s / half_s), 0, 1)
    return Spoilt(laid=base.laid * (10 ** (down_db / 20)).astype(np.float32))


def clicking(base: Base, times_local: float) -> Spoilt:
    """One sample out of line at the seam, against the sharpest bends of the music around it."""
    join = base.seam("crossfade", "cut", "ring_out")
    assert join is not None
    assert base.evidence.music is not None
    track = base.evidence.music
    at, around = round(join.at_s * CLICK_HZ), round(CLICK_AROUND_S * CLICK_HZ)
    local = float(np.percentile(track.click[max(0, at - around) : at + around], 99.9))
    music = base.music.copy()
    music[:, samples_at(join.at_s)] += times_local * local / 2  # a lone sample bends twice as much as it is high
    return Spoilt(music=music)


def in_wrong_key(base: Base, steps: float) -> Spoilt:
    """The cue after the seam composed so many fifths off."""
    join = base.seam(*MET)
    assert join is not None

    def elsewhere(cue: Cue) -> Cue:
        return replace(cue, key=moved(cue.key, round(steps))) if cue.id == join.after else cue

    return Spoilt(laid=recomposed(base, f"seam-key{steps:g}", elsewhere))


def key_sizes(base: Base) -> dict[str, float]:
    """Whole steps, where the keys on both sides can be read."""
    return {} if base.seam(*MET) is None else whole_steps(base, "B3")


def muffled(base: Base, present: float) -> Spoilt:
    """What follows the seam sounds as through a telephone."""
    if not present:
        return Spoilt()
    from scipy.signal import butter, sosfilt

    join = base.seam(*MET)
    assert join is not None
    after = next(cue for cue in base.plan.cues if cue.id == join.after)
    first, last = samples_at(join.at_s), samples_at(after.range.end_s)
    spoilt = base.laid.copy()
    spoilt[:, first:last] = 1.5 * sosfilt(
        butter(4, (500, 2500), "bandpass", fs=SAMPLE_RATE_HZ, output="sos"), spoilt[:, first:last]
    )
    return Spoilt(laid=spoilt)


FAULTS = (
    Fault("loudness step at a seam", ("B1",), "LU", times(lambda base: edge(base, "B1")), stepping),
    Fault("seam in a wrong key", ("B3",), "fifths", key_sizes, in_wrong_key),
    Fault("click at a seam", ("B5",), "x local", times(lambda base: edge(base, "B5")), clicking),
    Fault("crossfade dips", ("B6",), "LU", times(lambda base: edge(base, "B6")), dipping),
    Fault("another sound after a seam", ("B2",), "", yes_no(lambda base: edge(base, "B2")), muffled),
)
