"""Planned chords against what sounds: by how many semitones it is off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.card.track import Floats
from pipeline.sound.clearance import STEPS_PER_S
from scoring.key import Key

QUALITIES = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "5": (0, 7),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "add9": (0, 2, 4, 7),
    "madd9": (0, 2, 3, 7),
    "9": (0, 2, 4, 7, 10),
    "m9": (0, 2, 3, 7, 10),
}
_SYMBOL = re.compile(r"([A-G][b#]?)([^/]*)(?:/([A-G][b#]?))?")
_ATTACK_S = 0.1  # the chord before still rings
_LEAST_STEPS = 40  # four seconds: one or two chords
_LEAST_CHORDS = 2  # under one chord alone, two keys of its notes look alike


@dataclass(frozen=True, slots=True)
class Transposition:
    """semitones: −5..6 from the planned chords to those that sound. fit: mean correlation there, −1..1.

    margin: how much less the second best fits.
    """

    semitones: int
    fit: float
    margin: float

    @property
    def fifths(self) -> int:
        """The same as steps on the circle of fifths, 0..6."""
        steps = self.semitones * 7 % 12
        return min(steps, 12 - steps)


def chord_classes(symbol: str) -> frozenset[int] | None:
    """The pitch classes of "Dm7", "F#madd9/A" …, C = 0; None for a symbol that is not known."""
    match = _SYMBOL.fullmatch(symbol.strip())
    if match is None or match[2] not in QUALITIES:
        return None
    root = Key.parse(match[1]).tonic
    notes = {(root + step) % 12 for step in QUALITIES[match[2]]}
    return frozenset(notes | ({Key.parse(match[3]).tonic} if match[3] else set()))


def transposition(
    chords: Sequence[tuple[float, str]], chroma: Floats, starts_at_s: float, judgeable: NDArray[np.bool_]
) -> Transposition | None:
    """How what sounds lies to its planned chords. None where there is too little of either.

    chords: (film time s, symbol), rising. chroma: [n, 12] from starts_at_s on. judgeable: [n].
    """
    wanted = _wanted(chords, starts_at_s, len(chroma))
    used = judgeable & (wanted.sum(axis=1) > 0) & (chroma.sum(axis=1) > 0)
    if used.sum() < _LEAST_STEPS or len(np.unique(wanted[used], axis=0)) < _LEAST_CHORDS:
        return None
    wanted = _unit(wanted[used])
    sounding = chroma[used].astype(np.float64)
    sounding = _unit(np.sqrt(sounding / sounding.max(axis=1, keepdims=True)))
    fits = np.array([(sounding * np.roll(wanted, shift, axis=1)).sum(axis=1).mean() for shift in range(12)])
    best = int(fits.argmax())
    second = float(np.delete(fits, best).max())
    return Transposition((best + 5) % 12 - 5, float(fits[best]), float(fits[best]) - second)


def _wanted(chords: Sequence[tuple[float, str]], starts_at_s: float, steps: int) -> NDArray[np.float64]:
    """[steps, 12] one where a planned chord has a note."""
    wanted = np.zeros((steps, 12))
    for (begin_s, symbol), (end_s, _) in pairwise([*chords, (starts_at_s + steps / STEPS_PER_S, "")]):
        first, last = (max(0, round((t - starts_at_s) * STEPS_PER_S)) for t in (begin_s + _ATTACK_S, end_s))
        notes = chord_classes(symbol)
        if notes:
            wanted[first:last, sorted(notes)] = 1.0
    return wanted


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows without their mean, of length one."""
    rows = rows - rows.mean(axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))
