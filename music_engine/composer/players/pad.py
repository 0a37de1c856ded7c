"""Pads: the chords held, common tones tied."""

from __future__ import annotations

import math
from itertools import pairwise

from music_engine.composer.harmony import Chord
from music_engine.composer.note import Note
from music_engine.composer.plan import Plan
from music_engine.composer.players.register import folded
from music_engine.composer.voicing import Voicing
from scoring.style import Layer

LONGEST_TIE_BARS = 2  # a tied note is struck again after this many bars
HALVING = 0.1  # the lift of a bar over its strength that halves this, down to SHORTEST_BEATS (design choice)
LONGEST_BARS, SHORTEST_BEATS = 8.0, 1.0


def play_pad(plan: Plan, layer: Layer) -> tuple[Note, ...]:
    """Every chord's upper voices in the layer's register. Through lead-in and tail those of the first and last bar."""
    held: dict[int, Note] = {}
    notes: list[Note] = []
    for voicing in plan.voicings:
        chord = voicing.chord
        if plan.form.bars and not _plays(plan, layer, chord.beat):
            notes += held.values()
            held = {}
            continue
        pitches = _pitches(voicing, layer)
        longest = _longest_beats(plan, chord)
        for beat, beats in _strokes(plan, chord, longest):
            end = beat + beats
            tied = {p: n for p, n in held.items() if p in pitches and end - n.beat <= longest}
            notes += [note for pitch, note in held.items() if pitch not in tied]
            held = {p: _longer(tied[p], end) for p in tied}
            held |= {p: Note(beat, beats, p, 0.55) for p in pitches if p not in tied}
    return tuple(sorted([*notes, *held.values()], key=lambda note: (note.beat, note.pitch)))


def _longest_beats(plan: Plan, chord: Chord) -> float:
    """How long a note is held where a chord begins: shorter where the bar is denser than it is strong."""
    bar = plan.form.bar_at(chord.beat)
    longest = float(LONGEST_TIE_BARS * plan.form.beats_per_bar)
    if bar is None or round(bar.lift / HALVING) == 0:
        return longest
    halved = longest / 2.0 ** round(bar.lift / HALVING)
    return min(max(halved, SHORTEST_BEATS), LONGEST_BARS * plan.form.beats_per_bar)


def _strokes(plan: Plan, chord: Chord, longest: float) -> list[tuple[float, float]]:
    """Where a chord is struck and for how many beats: once, or again and again where it may not be held so long."""
    if longest >= LONGEST_TIE_BARS * plan.form.beats_per_bar or chord.beat == plan.form.final_beat:
        return [(chord.beat, chord.beats)]
    stop = min(chord.end, plan.form.end_beat) - longest / 2
    first = max(chord.beat, 0.0)
    again = [first + k * longest for k in range(max(math.ceil((stop - first) / longest), 0))]
    edges = [chord.beat, *(beat for beat in again if beat > chord.beat), chord.end]
    return [(beat, end - beat) for beat, end in pairwise(edges)]


def _plays(plan: Plan, layer: Layer, beat: float) -> bool:
    if plan.form.final_beat is not None and beat >= plan.form.final_beat - 1e-6:
        last = plan.form.bars[-1] if plan.form.bars else None
        return last is None or layer.threshold == 0 or plan.arrangement.plays(layer, last)
    return plan.arrangement.plays(layer, plan.form.bar_at(beat))


def _pitches(voicing: Voicing, layer: Layer) -> list[int]:
    return sorted({folded(pitch, layer) for pitch in voicing.upper})


def _longer(note: Note, end: float) -> Note:
    return Note(note.beat, end - note.beat, note.pitch, note.velocity)
