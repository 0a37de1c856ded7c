"""Voices in instrumental music (row G4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.card.evidence import Evidence, Plan
from pipeline.card.laid import MUTED_DB
from pipeline.card.limits import judged, unmeasured
from pipeline.card.row import Row, Status
from pipeline.card.track import Track
from pipeline.sound.automation import RATE_HZ
from pipeline.sound.clearance import STEPS_PER_S
from scoring.timebase import TimeRange, clock

_SURE = 0.5  # of the model: it seldom comes near for an instrument
_WINDOW_S = 8.0  # a phrase and the breath after it
_LEAST_S = 4.0  # of music: in less, one moment of doubt would be a quarter
_SURE_S = 12.0  # in a shorter cue one held pad may sway like a voice for all of it; it only warns
_SPEECH_S = 0.5  # what the film's own speech leaves in the music, around where it was found
_RESIDUE_DB = 22.0  # the film's sound, taken away, leaves a trace that far under it at most


@dataclass(frozen=True, slots=True)
class _Voice:
    """The window in which a voice is surest. share: of its music with a voice in it."""

    cue: str
    share: float
    at_s: float


def singing_rows(evidence: Evidence) -> list[Row]:
    """One row per film, of its worst cue. Without a plan it only warns: somebody may be meant to sing."""
    track, plan = evidence.music, evidence.plan
    if track is None or track.voice.size == 0:
        return [unmeasured("G4", "The music cannot be told from the rest of the sound")]
    stretches = _instrumental(evidence, plan)
    if not stretches:
        return [unmeasured("G4", "Somebody is meant to sing")]
    heard = _heard(evidence, track)
    found = [voice for cue, stretch in stretches if (voice := _surest(track, heard, cue, stretch)) is not None]
    if not found:
        return [unmeasured("G4", "There is too little music by itself for it")]
    worst = max(found, key=lambda voice: voice.share)
    lengths_s = {cue.id: cue.range.duration_s for cue in plan.cues} if plan else {}
    most: Status = "fail" if lengths_s.get(worst.cue, 0.0) >= _SURE_S else "warn"
    return [
        judged(
            "G4",
            100 * worst.share,
            at_s=worst.at_s if worst.share else None,
            cue=worst.cue,
            most=most,
            detail={voice.cue or "film": round(100 * voice.share, 1) for voice in found},
            at=clock(worst.at_s),
            where=worst.cue or "the music",
        )
    ]


def _instrumental(evidence: Evidence, plan: Plan | None) -> list[tuple[str, TimeRange]]:
    """The cues that nobody is meant to sing in; the whole film without a plan."""
    if plan is None:
        return [("", TimeRange(0.0, evidence.duration_s))]
    return [(cue.id, cue.range) for cue in plan.cues if cue.is_instrumental and not cue.withheld]


def _heard(evidence: Evidence, track: Track) -> NDArray[np.bool_]:
    """[K] where what is heard is the music: neither muted nor under what the film's own sound may have left in it."""
    steps = track.voice.size
    heard = np.ones(steps, bool)
    gain_db = evidence.plan.gain_db if evidence.plan else None
    if gain_db is not None and gain_db.size:
        middles = ((np.arange(steps) + 0.5) * RATE_HZ / STEPS_PER_S).astype(int)
        heard &= gain_db[np.minimum(middles, gain_db.size - 1)] > MUTED_DB
    if evidence.has_source:
        for speech in evidence.levels.speech if evidence.levels else ():
            heard[track.steps(TimeRange(max(0.0, speech.start_s - _SPEECH_S), speech.end_s + _SPEECH_S))] = False
        if evidence.whole is not None:
            both = min(steps, evidence.whole.energy.size)
            loud = track.energy[:both] > evidence.whole.energy[:both] * 10 ** (-_RESIDUE_DB / 10)
            heard[:both] &= loud
    return heard


def _surest(track: Track, heard: NDArray[np.bool_], cue: str, stretch: TimeRange) -> _Voice | None:
    """The stretch's window of music with most voice in it; None with too little music."""
    inside = track.steps(stretch)
    steps = np.flatnonzero(heard[inside]) + inside.start
    if steps.size < _LEAST_S * STEPS_PER_S:
        return None
    sure = (track.voice[steps] > _SURE).astype(np.float64)
    width = min(steps.size, round(_WINDOW_S * STEPS_PER_S))
    shares = np.convolve(sure, np.full(width, 1 / width), "valid")
    best = int(shares.argmax())
    return _Voice(cue, float(shares[best]), track.starts_at_s + float(steps[best]) / STEPS_PER_S)
