"""Voice leading: a search for the cheapest path through all the ways of laying out each chord.

Rules: common practice, as in any harmony primer. No parallel fifths or octaves between the outer voices, at most
an octave between neighbouring upper voices, every part in its range; common tones stay and upper voices go by step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from music_engine.composer.harmony import Chord

UPPER_VOICES = 4
WIDEST_GAP = 12  # semitones between neighbouring upper voices
FORBIDDEN = 1e6  # the cost of a parallel: taken only where there is no way round, which the tests have not found

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ranges:
    """MIDI pitches: the upper voices together, and the bass."""

    low: int
    high: int
    bass_low: int
    bass_high: int


@dataclass(frozen=True, slots=True)
class Voicing:
    """A chord laid out: the bass and the upper voices from low to high, MIDI pitches."""

    chord: Chord
    bass: int
    upper: tuple[int, ...]


def voice(chords: Sequence[Chord], ranges: Ranges, rng: np.random.Generator) -> tuple[Voicing, ...]:
    """One voicing per chord, the cheapest path by dynamic programming (Viterbi) over all candidates.

    rng breaks ties and lends variety: up to half a semitone's worth of cost.
    """
    layouts = {(*chord.pitch_classes, chord.bass): _candidates(chord, ranges) for chord in chords}
    columns = [layouts[(*chord.pitch_classes, chord.bass)] for chord in chords]
    own = [_own_cost(column, ranges) + rng.random(len(column)) * 0.5 for column in columns]
    best, back = own[0], []
    for before, after, cost in zip(columns, columns[1:], own[1:], strict=False):
        total = best[:, None] + _move_cost(before, after)
        back.append(np.argmin(total, axis=0))
        best = np.min(total, axis=0) + cost
    index = int(np.argmin(best))
    path = [index]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1]]))
    rows = [column[i] for column, i in zip(columns, reversed(path), strict=True)]
    return tuple(
        Voicing(chord, int(row[0]), tuple(int(p) for p in row[1:])) for chord, row in zip(chords, rows, strict=True)
    )


def _candidates(chord: Chord, ranges: Ranges) -> Ints:
    """[C, 1 + UPPER_VOICES]: bass and upper voices of every layout that keeps the rules of one chord alone."""
    basses = [p for p in range(ranges.bass_low, ranges.bass_high + 1) if p % 12 == chord.bass]
    tones = [p for p in range(ranges.low, ranges.high + 1) if p % 12 in chord.pitch_classes]
    needed = _needed(chord)
    uppers = [
        upper
        for upper in combinations(tones, UPPER_VOICES)
        if needed <= {p % 12 for p in upper} and all(2 <= b - a <= WIDEST_GAP for a, b in pairwise(upper))
    ]
    return np.array([(bass, *upper) for bass in basses for upper in uppers if bass < upper[0]], dtype=np.int64)


def _needed(chord: Chord) -> set[int]:
    """Pitch classes that must sound above the bass: a chord of four notes may leave its root to the bass."""
    needed = set(chord.pitch_classes)
    return needed - {chord.root} if len(needed) == 4 and chord.bass == chord.root else needed


def _own_cost(layouts: Ints, ranges: Ranges) -> NDArray[np.float64]:
    """How far a layout is from the middle of its ranges, and from an even spread."""
    upper = layouts[:, 1:]
    centre = (ranges.low + ranges.high) / 2.0
    gaps = np.diff(upper, axis=1)
    off_centre = 0.35 * np.abs(upper.mean(axis=1) - centre)
    deep = 0.12 * np.abs(layouts[:, 0] - (ranges.bass_low + 7))
    return np.asarray(off_centre + deep + 0.25 * gaps.std(axis=1) + 0.6 * (gaps < 3).sum(axis=1), dtype=np.float64)


def _move_cost(before: Ints, after: Ints) -> NDArray[np.float64]:
    """[B, A]: semitones moved, leaps above a third twice, and what is forbidden."""
    moves = np.abs(after[None, :, 1:] - before[:, None, 1:])
    bass = np.abs(after[None, :, 0] - before[:, None, 0])
    cost = moves.sum(axis=2) + 1.5 * np.maximum(moves - 4, 0).sum(axis=2) + 0.25 * bass
    return np.asarray(cost + FORBIDDEN * are_parallel(before, after), dtype=np.float64)


def are_parallel(before: Ints, after: Ints) -> NDArray[np.bool_]:
    """[B, A]: whether bass and top voice both move and keep a fifth or an octave between them."""
    was = (before[:, -1] - before[:, 0]) % 12
    becomes = (after[:, -1] - after[:, 0]) % 12
    perfect = np.isin(was, (0, 7))
    moved = (before[:, None, 0] != after[None, :, 0]) & (before[:, None, -1] != after[None, :, -1])
    return np.asarray(moved & perfect[:, None] & (was[:, None] == becomes[None, :]))
