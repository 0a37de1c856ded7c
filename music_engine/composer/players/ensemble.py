"""The ensemble: every layer's parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from music_engine.composer.humanise import humanised
from music_engine.composer.note import Note, Part
from music_engine.composer.plan import Plan
from music_engine.composer.players.bass import play_bass
from music_engine.composer.players.effects import strike_hits
from music_engine.composer.players.lead import play_counter, play_lead
from music_engine.composer.players.ostinato import play_ostinato
from music_engine.composer.players.pad import play_pad
from music_engine.composer.players.percussion import play_percussion
from scoring.style import Layer

CHORD_BEATS = 0.2  # notes this close together are one chord, strummed

_MELODIC: dict[str, Callable[[Plan, Layer], tuple[Note, ...]]] = {
    "pad": play_pad,
    "bass": play_bass,
    "ostinato": play_ostinato,
    "lead": play_lead,
    "counter": play_counter,
}
_STRUCK: dict[str, Callable[[Plan, Layer], list[Part]]] = {"percussion": play_percussion, "effects": strike_hits}


def play(plan: Plan) -> tuple[Part, ...]:
    """All parts in the style's order, humanised, empty ones left out."""
    parts: list[Part] = []
    for layer in plan.style.layers:
        if layer.kind in _MELODIC:
            written = [Part(layer, layer.program, False, _MELODIC[layer.kind](plan, layer))]
        else:
            written = _STRUCK[layer.kind](plan, layer)
        parts += [humanised(_ringing(part, plan), plan) for part in written if part.notes]
    return tuple(parts)


def _ringing(part: Part, plan: Plan) -> Part:
    """Where a cue hands over, what sounds in its last beat rings on into the tail, so that the join has no hole."""
    form = plan.form
    if form.final_beat is not None or part.layer.kind in _STRUCK or form.stop_beat <= form.end_beat:
        return part
    last = max((note.beat for note in part.notes if note.beat + note.beats > form.end_beat - 1.0), default=None)
    if last is None:
        return part
    notes = tuple(
        replace(note, beats=form.stop_beat - note.beat) if note.beat >= last - CHORD_BEATS else note
        for note in part.notes
    )
    return replace(part, notes=notes)
