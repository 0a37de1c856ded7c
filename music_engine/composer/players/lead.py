"""Lead and counter-line: the theme, and a slow inner voice against it."""

from __future__ import annotations

from dataclasses import replace

from music_engine.composer.note import Note
from music_engine.composer.plan import Plan
from music_engine.composer.players.register import folded
from scoring.style import Layer


def play_lead(plan: Plan, layer: Layer) -> tuple[Note, ...]:
    """The plan's tune, wherever this layer plays; the last note too, if the layer was playing."""
    bars = plan.form.bars
    notes = []
    for note in plan.line.notes:
        at_end = plan.form.final_beat is not None and note.beat >= plan.form.final_beat - 1e-6
        bar = bars[-1] if at_end and bars else plan.form.bar_at(note.beat)
        if plan.arrangement.plays(layer, bar):
            notes.append(replace(note, pitch=folded(note.pitch, layer), beats=note.beats * layer.articulation))
    return tuple(notes)


def play_counter(plan: Plan, layer: Layer) -> tuple[Note, ...]:
    """An inner voice of each chord, with a step between two of them where there is room."""
    inner = [folded(voicing.upper[1], layer) for voicing in plan.voicings]
    notes = []
    for i, voicing in enumerate(plan.voicings):
        chord = voicing.chord
        bar = plan.form.bar_at(chord.beat)
        if chord.beat < -1e-6 or not plan.arrangement.plays(layer, bar):
            continue
        after = inner[i + 1] if i + 1 < len(inner) else inner[i]
        passing = _passing(inner[i], after, plan)
        if passing is not None and chord.beats >= 3 and i + 1 < len(inner):
            notes.append(Note(chord.beat, chord.beats - 1, inner[i], 0.55))
            notes.append(Note(chord.end - 1, 1.0, passing, 0.48))
        else:
            notes.append(Note(chord.beat, chord.beats, inner[i], 0.55))
    return tuple(notes)


def _passing(here: int, there: int, plan: Plan) -> int | None:
    """The scale note between two that are a third or fourth apart."""
    if not 3 <= abs(there - here) <= 5:
        return None
    low, high = sorted((here, there))
    between = [p for p in range(low + 1, high) if p % 12 in plan.request.key.scale]
    return min(between, key=lambda p: abs(p - there)) if between else None
