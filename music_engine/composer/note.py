"""Notes and parts: what players write and the synthesiser plays."""

from __future__ import annotations

from dataclasses import dataclass

from scoring.style import Layer


@dataclass(frozen=True, slots=True)
class Note:
    """One note. beat: onset, in beats from the first bar line; beats: how long it sounds. velocity: 0..1.

    offset_ms: how far the player is off the beat. exact: on a hit, so that nothing may move it.
    """

    beat: float
    beats: float
    pitch: int
    velocity: float
    offset_ms: float = 0.0
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """What one instrument of a layer plays. is_drum: pitches are drums of the General MIDI kit."""

    layer: Layer
    program: int
    is_drum: bool
    notes: tuple[Note, ...]
