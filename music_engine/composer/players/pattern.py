"""Patterns: the digits of a style's bar, fitted to metre, mood and chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from music_engine.composer.form import Bar
from scoring.style import Layer


@dataclass(frozen=True, slots=True)
class Step:
    """beat: from the bar line; beats: length; digit: what the pattern asks for."""

    beat: float
    beats: float
    digit: int


def pick(layer: Layer, bar: Bar, previous: str, rng: np.random.Generator) -> str:
    """A pattern for a bar: later in the style's list as intensity grows, never the same as the bar before.

    Patterns stand in the file from calm to lively.
    """
    room = max(1.0 - layer.threshold, 0.05)
    share = min(max((bar.intensity - layer.threshold) / room, 0.0), 0.999)
    centre = share * len(layer.patterns)
    index = int(np.clip(centre + rng.uniform(-0.6, 0.6), 0, len(layer.patterns) - 1))
    chosen = layer.patterns[index]
    return _varied(chosen, rng) if chosen == previous or rng.random() < 0.3 else chosen


def _varied(pattern: str, rng: np.random.Generator) -> str:
    """One onset of the second half dropped, held or changed; the downbeat stays."""
    onsets = [i for i, step in enumerate(pattern) if step.isdigit() and i >= len(pattern) // 2]
    rests = [i for i, step in enumerate(pattern) if step == "." and i >= len(pattern) // 2]
    if rests and rng.random() < 0.5:
        i = int(rng.choice(rests))
        return (
            pattern[:i] + next(s for s in reversed(pattern[:i]) if s.isdigit()) + pattern[i + 1 :]
            if any(s.isdigit() for s in pattern[:i])
            else pattern
        )
    if onsets:
        i = int(rng.choice(onsets))
        return pattern[:i] + "-" + pattern[i + 1 :]
    return pattern


def steps_of(pattern: str, layer: Layer, beats: float) -> list[Step]:
    """The onsets of a bar of so many beats; the pattern is cut or goes round."""
    step_beats = 1.0 / layer.steps_per_beat
    count = round(beats * layer.steps_per_beat)
    symbols = [pattern[i % len(pattern)] for i in range(count)]
    steps = []
    for i, symbol in enumerate(symbols):
        if not symbol.isdigit():
            continue
        held = 1
        while i + held < count and symbols[i + held] == "-":
            held += 1
        steps.append(Step(i * step_beats, held * step_beats, int(symbol)))
    return steps
