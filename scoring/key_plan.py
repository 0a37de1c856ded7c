"""Which key each cue is in: the film's tonic from its seed, the mode from the feeling, near neighbours."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from scoring.key import MODES, Key
from scoring.moods import MOODS

# The valence each mode stands for, brightest to darkest (affect.md, V/A → music; the numbers are design choices).
MODE_VALENCE = dict(zip(MODES, (0.7, 0.4, 0.15, -0.1, -0.4, -0.8), strict=True))
TURN = 0.75  # a step in valence this large is a story turn and may leave the circle of fifths. Design choice.
MAJOR_THIRD = 4  # semitones


@dataclass(frozen=True, slots=True)
class KeyWish:
    """What a cue asks of its key."""

    mood: str
    valence: float


def plan_keys(wishes: Sequence[KeyWish], modes: Sequence[str], seed: int) -> list[Key]:
    """One key per cue. modes: those of the style. seed: the film's.

    Neighbouring signatures are at most one step apart on the circle of fifths, except where valence turns: there the
    mode changes over the same tonic, or, within one mode, the tonic moves by a major third (a chromatic mediant; up
    for the better). Among what is allowed the tonic nearest home is taken.
    """
    home = tonic_of(seed)
    keys: list[Key] = []
    before: KeyWish | None = None
    for wish in wishes:
        mode = choose_mode(wish.mood, wish.valence, modes)
        if before is None:
            keys.append(Key(home, mode))
        elif abs(wish.valence - before.valence) >= TURN:
            keys.append(_turn(keys[-1], mode, wish.valence > before.valence))
        else:
            keys.append(_neighbour(keys[-1], mode, home))
        before = wish
    return keys


def tonic_of(seed: int) -> int:
    """The film's tonic, 0..11, from its seed."""
    return hashlib.sha256(f"tonic:{seed}".encode()).digest()[0] % 12


def choose_mode(mood: str, valence: float, modes: Sequence[str]) -> str:
    """The style's mode nearest in valence, among those that can carry the mood where the style has any of them."""
    fitting = [mode for mode in MOODS[mood].modes if mode in modes] or list(modes)
    return min(fitting, key=lambda mode: abs(MODE_VALENCE[mode] - valence))


def _turn(before: Key, mode: str, is_brighter: bool) -> Key:
    if mode != before.mode:
        return Key(before.tonic, mode)
    return Key((before.tonic + (MAJOR_THIRD if is_brighter else -MAJOR_THIRD)) % 12, mode)


def _neighbour(before: Key, mode: str, home: int) -> Key:
    """The key of this mode at most one step away whose tonic is nearest home, the closer signature first."""
    near = [key for key in (Key(tonic, mode) for tonic in range(12)) if key.fifths_to(before) <= 1]
    return min(near, key=lambda key: (_fifths_between(key.tonic, home), key.fifths_to(before), key.tonic))


def _fifths_between(a: int, b: int) -> int:
    apart = (a - b) * 7 % 12
    return min(apart, 12 - apart)
