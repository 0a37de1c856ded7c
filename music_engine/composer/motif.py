"""The film's motif: a few notes drawn from the film's seed, and its relatives."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

# Rhythms of the motif's first four beats, in beats (design choice): each begins on the beat and is easy to know again.
HEADS = (
    (1.0, 1.0, 2.0),
    (1.5, 0.5, 2.0),
    (1.0, 0.5, 0.5, 2.0),
    (1.5, 0.5, 1.0, 1.0),
    (2.0, 0.5, 0.5, 1.0),
    (0.5, 0.5, 1.0, 2.0),
    (1.0, 1.5, 0.5, 1.0),
    (2.0, 1.0, 1.0),
    (3.0, 0.5, 0.5),
    (1.0, 1.0, 1.0, 1.0),
)
TAILS = ((4.0,), (2.0, 2.0), (3.0, 1.0), (1.0, 3.0), (1.5, 0.5, 2.0), (1.0, 1.0, 2.0))
_CHORD_STEPS = (0, 2, 4, 7)
_MOVES = (-3, -2, -1, -1, 1, 1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Motif:
    """A melody without a key: scale steps from its own zero, and lengths in beats, both of one length."""

    steps: tuple[int, ...]
    beats: tuple[float, ...]

    @property
    def length(self) -> float:
        """Beats it lasts."""
        return sum(self.beats)

    def inverted(self) -> Motif:
        """Upside down about its first note."""
        first = self.steps[0]
        return replace(self, steps=tuple(2 * first - step for step in self.steps))

    def head(self) -> Motif:
        """Its first four beats alone: the fragment that is spun on."""
        count, total = 0, 0.0
        while count < len(self.beats) and total < 4.0 - 1e-6:
            total += self.beats[count]
            count += 1
        return Motif(self.steps[:count], self.beats[:count])

    def stretched(self, factor: float) -> Motif:
        """Longer or shorter notes: augmentation and diminution."""
        return replace(self, beats=tuple(length * factor for length in self.beats))

    def for_bar(self, beats_per_bar: int) -> Motif:
        """The same contour in bars that are not of four beats: the longest note of each half gives or takes."""
        if beats_per_bar == 4:
            return self
        head = self.head()
        tail = self.beats[len(head.beats) :]
        return replace(self, beats=_fitted(head.beats, beats_per_bar) + (_fitted(tail, beats_per_bar) if tail else ()))


def _fitted(beats: tuple[float, ...], wanted: int) -> tuple[float, ...]:
    """The lengths with the longest changed so that they add up to `wanted`; all scaled if that leaves too little."""
    longest = beats.index(max(beats))
    left = wanted - (sum(beats) - beats[longest])
    if left < 0.5:
        return tuple(length * wanted / sum(beats) for length in beats)
    return (*beats[:longest], left, *beats[longest + 1 :])


def draw_motif(rng: np.random.Generator) -> Motif:
    """A motif of 4 to 8 notes: chord notes on the strong beats, at most a sixth from step to step, one peak."""
    while True:
        head = HEADS[int(rng.integers(len(HEADS)))]
        tail = TAILS[int(rng.integers(len(TAILS)))]
        beats = head + tail
        if not 4 <= len(beats) <= 8:
            continue
        steps = _contour(beats, rng)
        if _is_memorable(steps):
            return Motif(steps, beats)


def _contour(beats: tuple[float, ...], rng: np.random.Generator) -> tuple[int, ...]:
    steps: list[int] = [int(rng.choice((0, 2, 4)))]
    onset = beats[0]
    for length in beats[1:]:
        candidates = [steps[-1] + move for move in _MOVES if -3 <= steps[-1] + move <= 8]
        if onset % 2.0 == 0.0 or length >= 2.0:
            strong = [step for step in candidates if step % 7 in (0, 2, 4)]
            candidates = strong or candidates
        steps.append(int(rng.choice(candidates)))
        onset += length
    return tuple(steps)


def _is_memorable(steps: tuple[int, ...]) -> bool:
    """A span between a third and an octave, one highest note, and both directions used."""
    moves = np.diff(steps)
    span = max(steps) - min(steps)
    return 3 <= span <= 8 and steps.count(max(steps)) == 1 and bool((moves > 0).any() and (moves < 0).any())
