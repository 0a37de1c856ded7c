"""Drums: what each name of a style's groove or hit is played on."""

from __future__ import annotations

from dataclasses import dataclass

from music_engine.composer.harmony import Chord
from music_engine.composer.note import Note, Part
from scoring.style import Layer


@dataclass(frozen=True, slots=True)
class Instrument:
    """A General MIDI sound. pitch: the key struck; low: instead, the octave in which the chord's root is struck."""

    program: int
    is_drum: bool
    pitch: int = 0
    low: int = 0


# General MIDI level 1 percussion map and programs.
INSTRUMENTS = {
    "kick": Instrument(0, True, 36),
    "snare": Instrument(0, True, 38),
    "rim": Instrument(0, True, 37),
    "clap": Instrument(0, True, 39),
    "hat": Instrument(0, True, 42),
    "open_hat": Instrument(0, True, 46),
    "low_tom": Instrument(0, True, 41),
    "mid_tom": Instrument(0, True, 45),
    "high_tom": Instrument(0, True, 48),
    "crash": Instrument(0, True, 49),
    "ride": Instrument(0, True, 51),
    "tambourine": Instrument(0, True, 54),
    "shaker": Instrument(0, True, 70),
    "taiko": Instrument(116, False, 50),
    "low_taiko": Instrument(116, False, 40),
    "timpani": Instrument(47, False, low=36),
    "low_piano": Instrument(0, False, low=33),
    "bell": Instrument(14, False, low=67),
}


@dataclass(frozen=True, slots=True)
class Stroke:
    """One stroke. ring_beats: how long it may sound."""

    drum: str
    beat: float
    velocity: float
    ring_beats: float
    exact: bool = False


def parts_of(strokes: list[Stroke], layer: Layer, chord_at: dict[float, Chord]) -> list[Part]:
    """One part per General MIDI sound. chord_at: beat of a stroke → the chord whose root tuned drums take."""
    parts: dict[tuple[int, bool], list[Note]] = {}
    for stroke in strokes:
        instrument = INSTRUMENTS[stroke.drum]
        pitch = instrument.pitch
        if instrument.low:
            pitch = instrument.low + (chord_at[stroke.beat].root - instrument.low) % 12
        note = Note(stroke.beat, stroke.ring_beats, pitch, stroke.velocity, exact=stroke.exact)
        program = layer.program if instrument.is_drum and layer.kind == "percussion" else instrument.program  # the kit
        parts.setdefault((program, instrument.is_drum), []).append(note)
    return [Part(layer, program, is_drum, tuple(notes)) for (program, is_drum), notes in sorted(parts.items())]
