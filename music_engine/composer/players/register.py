"""Registers: pitches brought into a layer's range."""

from __future__ import annotations

from music_engine.composer.voicing import Voicing
from scoring.style import Layer


def folded(pitch: int, layer: Layer) -> int:
    """The same note in the octave nearest to it inside the layer's range."""
    while pitch < layer.low:
        pitch += 12
    while pitch > layer.high:
        pitch -= 12
    return pitch


def ladder(voicing: Voicing, layer: Layer) -> list[int]:
    """The chord's notes in the layer's range, upward from the lowest of its lower half that is a root or fifth."""
    chord = voicing.chord
    return [p for p in range(layer.low, layer.high + 1) if p % 12 in chord.pitch_classes]
