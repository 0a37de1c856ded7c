"""Humanising: small errors of time, velocities by beat and phrase."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from music_engine.composer.note import Note, Part
from music_engine.composer.plan import Plan

SPREAD_MS = 3.0  # standard deviation of a player's timing (design choice)
MOST_MS = 8.0
STRONGEST = 0.12  # how much a phrase swells to its middle
MOST_SCATTER = 0.06
ON_BEAT_MS = 1.5  # drums keep closer time than the rest


def humanised(part: Part, plan: Plan) -> Part:
    """Off the beat by at most ±8 ms, swung where the style swings; exact notes stay where they are."""
    rng = plan.seeds.for_cue(f"human {part.layer.name} {part.program} {part.is_drum}")
    late_ms = np.clip(rng.normal(0.0, SPREAD_MS, len(part.notes)), -MOST_MS, MOST_MS)
    if part.layer.kind == "percussion":
        late_ms = np.clip(late_ms * 0.5, -2 * ON_BEAT_MS, 2 * ON_BEAT_MS)
    scatter = rng.uniform(-MOST_SCATTER, MOST_SCATTER, len(part.notes))
    notes = tuple(
        _humanised(note, float(late), float(loose), plan)
        for note, late, loose in zip(part.notes, late_ms, scatter, strict=True)
    )
    return replace(part, notes=notes)


def _humanised(note: Note, late_ms: float, scatter: float, plan: Plan) -> Note:
    velocity = float(np.clip(note.velocity * _arc(note.beat, plan) + scatter, 0.08, 1.0))
    if note.exact:
        return replace(note, velocity=float(np.clip(note.velocity, 0.08, 1.0)))
    swing_ms = 0.0
    if abs(note.beat % 1.0 - 0.5) < 1e-6:
        swing_ms = plan.style.mix.swing * 0.5 * plan.form.beat_s * 1000.0
    if (note.beat - plan.form.start_beat) * plan.form.beat_s * 1000.0 < MOST_MS:  # nothing sounds before the start
        late_ms = abs(late_ms)
    return replace(note, velocity=velocity, offset_ms=late_ms + swing_ms)


def _arc(beat: float, plan: Plan) -> float:
    """A phrase grows to about its second third and eases; a stronger bar is played more strongly."""
    bar = plan.form.bar_at(beat)
    if bar is None:
        return 1.0
    length = bar.place + bar.left + 1
    place = (bar.place + min(max((beat - bar.beat) / bar.beats, 0.0), 1.0)) / length
    swell = 1.0 - abs(place - 0.65) / 0.65
    return 0.86 + STRONGEST * max(swell, 0.0) + 0.2 * (bar.intensity - 0.5)
