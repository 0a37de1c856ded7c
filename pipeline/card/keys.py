"""Which key a stretch of music sounds in, and how surely."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pipeline.card.chords import Transposition, transposition
from pipeline.card.evidence import CuePlan, Evidence, Series
from pipeline.card.laid import ungained
from pipeline.card.track import Track
from pipeline.sound.clearance import STEPS_PER_S
from scoring.key import MODES, Key
from scoring.timebase import TimeRange

# A scale's notes count one, and more where a mode lives: tonic, fifth, third. On 24 cues of the composer these profiles
# name the planned signature every time; Krumhansl-Kessler's and Temperley's, made for major and minor, about half.
_TONIC, _FIFTH, _THIRD = 0.6, 0.3, 0.2
_RANGE_DB = 40.0  # steps further below the loudest are a tail or what is left of the film's sound
_LEAST_SHARP = 0.3  # spread over mean of the profile: speech and noise have 0.17, music 0.45 and more
_LEAST_FIT = 0.5
# How much better another key must fit than the planned one and its neighbours. Transposed takes of the composer: a
# minor third off at least 0.10, a semitone at least 0.6; untransposed ones: none at all.
_SURE_MARGIN = 0.06
_SURE_FIT, _SURE_CHORDS = 0.5, 0.15  # of chords; the composer's fit by 0.8 and stand out by 0.4 and more
_CHORDAL_S = 8.0  # shorter stretches hold too few chords

LEAST_S = 6.0  # of music, for a reading


@dataclass(frozen=True, slots=True)
class KeyReading:
    """key: the one that fits best. fits: [12] correlation of the best mode of each signature, C major's first, then by
    fifths upwards. chords: how it lies to its planned chords, None where unknown or unsure.
    """

    key: Key
    fits: Series
    chords: Transposition | None


@dataclass(frozen=True, slots=True)
class Distance:
    """steps: on the circle of fifths from what was planned, 0..6. is_sure: whether one can rely on it."""

    steps: int
    is_sure: bool


def read_key(evidence: Evidence, track: Track, stretch: TimeRange, cue: CuePlan) -> KeyReading | str:
    """The key of a stretch of a cue's music, or why it cannot be told."""
    part = track.steps(stretch)
    judgeable = ungained(evidence, track)[1][part]
    chroma = track.chroma[part]
    level = chroma.sum(axis=1)
    used = judgeable & (level > max(1e-12, float(level.max(initial=0.0)) * 10 ** (-_RANGE_DB / 10)))
    if used.sum() < LEAST_S * STEPS_PER_S:
        return "too little music to read a key from"
    # Every moment counts the same, so that one loud chord is not the key.
    profile = (chroma[used] / chroma[used].max(axis=1, keepdims=True)).sum(axis=0).astype(np.float64)
    if profile.std() < _LEAST_SHARP * profile.mean():
        return "no notes stand out"
    keys, templates = _templates()
    fits = templates @ ((profile - profile.mean()) / np.linalg.norm(profile - profile.mean()))
    if fits.max() < _LEAST_FIT:
        return "no key fits"
    by_signature = np.full(12, -1.0)
    for key, fit in zip(keys, fits, strict=True):
        by_signature[key.signature_fifths % 12] = max(by_signature[key.signature_fifths % 12], fit)
    chords = None
    if used.sum() >= _CHORDAL_S * STEPS_PER_S:
        starts_at_s = track.starts_at_s + part.start / STEPS_PER_S
        chords = transposition(cue.chords, chroma, starts_at_s, used)
    if chords is not None and (chords.fit < _SURE_FIT or chords.margin < _SURE_CHORDS):
        chords = None
    return KeyReading(keys[int(fits.argmax())], by_signature, chords)


def distance(reading: KeyReading, planned: Key) -> Distance:
    """How far what sounds is from the planned key."""
    played = None if reading.chords is None else reading.chords.fifths
    return _distance(reading.fits, planned.signature_fifths, played)


def step_beyond(before: KeyReading, after: KeyReading, planned: tuple[Key, Key]) -> Distance:
    """How far the change from one stretch to the next is from the planned change of key."""
    played = None
    if before.chords is not None and after.chords is not None:
        played = _folded(7 * (after.chords.semitones - before.chords.semitones))
    # Of every pair of signatures that lie `change` apart, the one that fits best.
    changes = np.array([(before.fits + np.roll(after.fits, -change)).max() for change in range(12)])
    return _distance(changes, planned[1].signature_fifths - planned[0].signature_fifths, played)


def _distance(fits: Series, planned: int, played: int | None) -> Distance:
    """fits: [12] by signature, or by change of signature. planned: the place that was meant. played: how many fifths
    the chords are off; it is believed where it is far, and where the fits are unsure."""
    if played is not None and played > 1:
        return Distance(played, True)
    best = int(fits.argmax())
    near = max(float(fits[(planned + step) % 12]) for step in (-1, 0, 1))
    steps = _folded(best - planned)
    if steps <= 1 or float(fits[best]) - near >= _SURE_MARGIN:
        return Distance(steps, True)
    return Distance(steps, False) if played is None else Distance(played, True)


def _folded(steps: int) -> int:
    return min(steps % 12, -steps % 12)


@cache
def _templates() -> tuple[tuple[Key, ...], NDArray[np.float64]]:
    """Every key, and [keys, 12] its notes' weights without their mean, of length one."""
    keys = tuple(Key(tonic, mode) for mode in MODES for tonic in range(12))
    rows = []
    for key in keys:
        row = np.zeros(12)
        row[list(key.scale)] = 1.0
        row[key.scale[0]] += _TONIC
        row[key.scale[4]] += _FIFTH
        row[key.scale[2]] += _THIRD
        rows.append((row - row.mean()) / np.linalg.norm(row - row.mean()))
    return keys, np.array(rows)
