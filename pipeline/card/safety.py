"""What is never delivered (rows S1).

These rows withhold a cue's music, so each asks for what no music does: louder than all around it and gone at once, one
line above hearing that does not move, a rumble below hearing that does not stop, level at full scale for long.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.card.evidence import Evidence
from pipeline.card.limits import judged, unmeasured
from pipeline.card.row import Row
from pipeline.card.track import Track
from pipeline.sound.clearance import STEPS_PER_S
from pipeline.sound.loudness import lufs_of
from scoring.timebase import clock

Levels = NDArray[np.float64]

_ROWS = ("S1-spike", "S1-tone", "S1-sub", "S1-level")
_LEAST_S = 0.5

_AROUND_STEPS = 20  # two seconds on either side
_SPIKE_STEPS = 3  # that near before, and one less after, the spike itself is left out
_OVER_ALL_DB = 9.0  # over the whole music's loudest a spike need stand that much less than over what is around it
_SPIKE_LEAST_DBFS = -25.0  # softer hurts nobody
_FULL_DBFS = -3.0  # a sine's at full scale; a tenth of a second of the loudest masters reaches −7

_TONE_STEPS = 5
_TONE_OVER_DB = 14.0  # the strongest line of noise stands 8 to 11 dB out of its surroundings
_TONE_MOVES_HZ = 9.0  # three lines: between two windows a steady tone moves by one
_SUB_STEPS = 15

_LOUDEST_LUFS = -3.0  # the loudest masters reach −6 in 400 ms
_OVER_FULL_SCALE = 10 ** (1.0 / 20)  # a lossy coder goes over by less
_DIP_STEPS = 2
_NOTHING_DBFS = -120.0
_SAME_DB = 3.0


def safety_rows(evidence: Evidence) -> list[Row]:
    """Spikes, tones nobody hears, over-level runs."""
    track = evidence.music
    if track is None:
        return [unmeasured(name, "The music cannot be told from the rest of the sound") for name in _ROWS]
    if track.duration_s < _LEAST_S:
        return [unmeasured(name, "There is too little music for it") for name in _ROWS]
    return [
        _row(evidence, track, "S1-spike", *_spike(track)),
        _row(evidence, track, "S1-tone", *_tone(track)),
        _row(evidence, track, "S1-sub", *_sub(track)),
        _row(evidence, track, "S1-level", *_level(track)),
    ]


def _row(evidence: Evidence, track: Track, name: str, value: float, step: int) -> Row:
    at_s = track.starts_at_s + step / STEPS_PER_S
    row = judged(name, value, at_s=at_s, cue=_cue_at(evidence, at_s), at=clock(max(0.0, at_s)))
    return row if row.advice else judged(name, value)


def _cue_at(evidence: Evidence, time_s: float) -> str:
    """The cue to blame: the one that sounds then, or began last."""
    cues = evidence.plan.cues if evidence.plan else ()
    begun = [cue.id for cue in cues if cue.range.start_s <= time_s + 0.05]
    return begun[-1] if begun else cues[0].id if cues else ""


def _spike(track: Track) -> tuple[float, int]:
    """By how much the worst tenth of a second stands above all that is around it, where it is the music's loudest.

    Music's blows ring on, so what follows them is nearly as loud; a fault's do not.
    """
    level_db = 10 * np.log10(np.maximum((track.left + track.right) / 2, 1e-12))
    if level_db.size == 0:
        return 0.0, 0
    before = _loudest_after(level_db[::-1], _SPIKE_STEPS)[::-1]
    after = _loudest_after(level_db, _SPIKE_STEPS - 1)
    over_db = level_db - np.maximum(before, after) + np.where(level_db > _FULL_DBFS, _OVER_ALL_DB, 0.0)
    over_db = np.where((level_db >= _SPIKE_LEAST_DBFS) & np.isfinite(over_db), over_db, 0.0)
    at = int(over_db.argmax())
    elsewhere = np.concatenate([level_db[: max(0, at - _SPIKE_STEPS)], level_db[at + _SPIKE_STEPS :]])
    usual_db = float(np.percentile(elsewhere, 99.0)) if elsewhere.size else float(level_db[at])
    return max(0.0, min(float(over_db[at]), float(level_db[at]) - usual_db + _OVER_ALL_DB)), at


def _loudest_after(level_db: Levels, steps: int) -> Levels:
    """[K] the loudest but one of the two seconds that begin so many steps later; −inf where there are none."""
    padded = np.concatenate([level_db, np.full(steps + _AROUND_STEPS, -np.inf)])[steps:]
    around = np.lib.stride_tricks.sliding_window_view(padded, _AROUND_STEPS)[: level_db.size]
    return np.asarray(np.partition(around, -2, axis=1)[:, -2])


def _tone(track: Track) -> tuple[float, int]:
    """The level that the strongest unmoving line above hearing keeps for half a second, dBFS."""
    stands_out = track.tone_over_db >= _TONE_OVER_DB
    held = np.where(stands_out, track.tone_db.astype(np.float64), _NOTHING_DBFS)
    if held.size < _TONE_STEPS:
        return _NOTHING_DBFS, 0
    hz = np.lib.stride_tricks.sliding_window_view(track.tone_hz, _TONE_STEPS)
    still = hz.max(axis=1) - hz.min(axis=1) <= _TONE_MOVES_HZ
    return _kept(np.where(still, _least(held, _TONE_STEPS), _NOTHING_DBFS))


def _sub(track: Track) -> tuple[float, int]:
    """The level that sound below hearing keeps for a second and a half, dBFS."""
    if track.sub_db.size < _SUB_STEPS:
        return _NOTHING_DBFS, 0
    return _kept(_least(track.sub_db.astype(np.float64), _SUB_STEPS))


def _level(track: Track) -> tuple[float, int]:
    """The longest run that is louder than any master, or over full scale; dips of two tenths do not end it."""
    plain = track.left + track.right  # K-weighting leaves out bass, which breaks loudspeakers
    energy = np.maximum(track.energy, plain)
    loudness = np.array([lufs_of(float(step)) for step in np.maximum(energy, 1e-12)])
    over = (loudness > _LOUDEST_LUFS) | (track.peak > _OVER_FULL_SCALE)
    places = np.flatnonzero(over)
    if places.size == 0:
        return 0.0, 0
    breaks = np.flatnonzero(np.diff(places) > _DIP_STEPS + 1)
    firsts, lasts = places[np.r_[0, breaks + 1]], places[np.r_[breaks, places.size - 1]]
    lengths = lasts - firsts + 1
    longest = int(lengths.argmax())
    return float(lengths[longest]) / STEPS_PER_S, int(firsts[longest])


def _least(curve: Levels, steps: int) -> Levels:
    return np.asarray(np.lib.stride_tricks.sliding_window_view(curve, steps).min(axis=1))


def _kept(held_db: Levels) -> tuple[float, int]:
    most = float(held_db.max())
    return most, int((held_db > most - _SAME_DB).argmax())
