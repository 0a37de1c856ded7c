"""Pads: the chords held, common tones tied."""

from __future__ import annotations

from music_engine.composer.note import Note
from music_engine.composer.plan import Plan
from music_engine.composer.players.register import folded
from music_engine.composer.voicing import Voicing
from scoring.style import Layer

LONGEST_TIE_BARS = 2  # a tied note is struck again after this many bars


def play_pad(plan: Plan, layer: Layer) -> tuple[Note, ...]:
    """Every chord's upper voices in the layer's register. Through lead-in and tail those of the first and last bar."""
    held: dict[int, Note] = {}
    notes: list[Note] = []
    longest = LONGEST_TIE_BARS * plan.form.beats_per_bar
    for voicing in plan.voicings:
        chord = voicing.chord
        if plan.form.bars and not _plays(plan, layer, chord.beat):
            notes += held.values()
            held = {}
            continue
        pitches = _pitches(voicing, layer)
        tied = {p: n for p, n in held.items() if p in pitches and chord.end - n.beat <= longest}
        notes += [note for pitch, note in held.items() if pitch not in tied]
        held = {p: _longer(tied[p], chord.end) for p in tied}
        held |= {p: Note(chord.beat, chord.beats, p, 0.55) for p in pitches if p not in tied}
    return tuple(sorted([*notes, *held.values()], key=lambda note: (note.beat, note.pitch)))


def _plays(plan: Plan, layer: Layer, beat: float) -> bool:
    if plan.form.final_beat is not None and beat >= plan.form.final_beat - 1e-6:
        last = plan.form.bars[-1] if plan.form.bars else None
        return last is None or layer.threshold == 0 or plan.arrangement.plays(layer, last)
    return plan.arrangement.plays(layer, plan.form.bar_at(beat))


def _pitches(voicing: Voicing, layer: Layer) -> list[int]:
    return sorted({folded(pitch, layer) for pitch in voicing.upper})


def _longer(note: Note, end: float) -> Note:
    return Note(note.beat, end - note.beat, note.pitch, note.velocity)
