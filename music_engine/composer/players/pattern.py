"""Patterns: the digits of a style's bar, fitted to metre, mood and chance."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from music_engine.composer.form import Bar
from scoring.style import Layer

# Design choices: the lift at which every step is split, the fall at which only the bar line is left, and the shortest
# note that splitting makes, eight of which a second are a fast tremolo for any player.
ALL_SPLIT, ALL_LEFT_OUT = 0.3, 0.5
SHORTEST_S = 0.12


@dataclass(frozen=True, slots=True)
class Step:
    """beat: from the bar line; beats: length; digit: what the pattern asks for."""

    beat: float
    beats: float
    digit: int


def pick(layer: Layer, level: float, previous: str, rng: np.random.Generator) -> str:
    """A pattern for a bar: later in the style's list as the level grows, never the same as the bar before.

    level: the bar's intensity or density. Patterns stand in the file from calm to lively.
    """
    room = max(1.0 - layer.threshold, 0.05)
    share = min(max((level - layer.threshold) / room, 0.0), 0.999)
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


def lifted(steps: list[Step], bar: Bar, beat_s: float, rng: np.random.Generator) -> list[Step]:
    """The steps of a bar with as many onsets more, or fewer, as the bar is denser than it is strong.

    Upward, steps are struck again at their middle, where the half is no shorter than SHORTEST_S; downward, steps
    after the bar line are left out. rng: of its own, so that a bar as dense as strong stays as it was.
    """
    if bar.lift > 0.0:
        share = min(bar.lift / ALL_SPLIT, 1.0)
        return [half for step in steps for half in _split(step, beat_s, rng.random() < share)]
    share = min(-bar.lift / ALL_LEFT_OUT, 1.0)
    return [step for step in steps if rng.random() >= share or step.beat == 0]


def _split(step: Step, beat_s: float, is_wanted: bool) -> tuple[Step, ...]:
    half = step.beats / 2
    if not is_wanted or half * beat_s < SHORTEST_S:
        return (step,)
    return (replace(step, beats=half), replace(step, beat=step.beat + half, beats=half))


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
