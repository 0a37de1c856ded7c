"""What was laid over the music on purpose, taken out again: ducks, mutes, rests."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.card.evidence import Evidence, Series
from pipeline.card.track import Track
from pipeline.sound.automation import RATE_HZ
from pipeline.sound.clearance import STEPS_PER_S

MUTED_DB = -30.0  # below it too little of the music is left to be judged


def laid_gain_db(evidence: Evidence, track: Track) -> Series:
    """[K] the gain over the music for each step of a track, dB, by its mean power; zeros where none is known."""
    steps = track.energy.size
    gain_db = evidence.plan.gain_db if evidence.plan else None
    if gain_db is None or gain_db.size == 0 or steps == 0:
        return np.zeros(steps)
    points = RATE_HZ // STEPS_PER_S
    first = round(track.starts_at_s * RATE_HZ)
    needed = np.clip(np.arange(first, first + steps * points), 0, gain_db.size - 1)
    power = (10 ** (gain_db[needed] / 10)).reshape(steps, points).mean(axis=1)
    return np.asarray(10 * np.log10(np.maximum(power, 1e-12)))


def ungained(evidence: Evidence, track: Track) -> tuple[Series, NDArray[np.bool_]]:
    """[K] K-weighted energy as it was before that gain, and [K] where the music can be judged: not muted, not at rest.

    Where it cannot, the energy is as delivered.
    """
    gain_db = laid_gain_db(evidence, track)
    judgeable = gain_db >= MUTED_DB
    energy = np.asarray(track.energy / np.where(judgeable, 10 ** (gain_db / 10), 1.0))
    for rest in evidence.plan.rests if evidence.plan else ():
        judgeable[track.steps(rest)] = False
    return energy, judgeable
