"""Effects: what prepares and marks a hit, and the bed of air."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from music_engine.composer.form import Accent
from music_engine.composer.note import Part
from music_engine.composer.plan import Plan
from music_engine.composer.players.drums import Stroke, parts_of
from scoring.style import Layer

RISER_S = 2.5  # longest preparation
JUMP = 0.15  # a rise in intensity this large between phrases gets a swell of its own


@dataclass(frozen=True, slots=True)
class Gesture:
    """A synthesised sound. start_s, end_s: from the cue's start; a riser ends on its hit, an impact begins on it.

    level_lu: loudness against the cue's.
    """

    kind: Literal["riser", "swell", "impact"]
    start_s: float
    end_s: float
    level_lu: float


def strike_hits(plan: Plan, layer: Layer) -> list[Part]:
    """Struck instruments on every accent, to the sample: low ones and a cymbal on heavy hits, a light one on others."""
    hits = plan.style.hits
    strokes: list[Stroke] = []
    for accent in plan.form.accents:
        drums = hits.heavy if accent.heavy else hits.light
        velocity = 0.7 + 0.3 * accent.weight if accent.heavy else 0.45 + 0.4 * accent.weight
        strokes += [Stroke(d, accent.beat, velocity, 6.0, exact=True) for d in drums if d != "sub_hit"]
        if accent.heavy and hits.cymbal:
            strokes.append(Stroke("crash", accent.beat, 0.5 + 0.3 * accent.weight, 8.0, exact=True))
    return parts_of(strokes, layer, {s.beat: plan.voicing_at(s.beat).chord for s in strokes})


def shape_gestures(plan: Plan) -> tuple[Gesture, ...]:
    """Risers into heavy hits, impacts on them, swells into phrases that are much stronger than the one before."""
    gestures: list[Gesture] = []
    for accent in plan.form.accents:
        if accent.heavy:
            gestures += _heavy(plan, accent)
    rises = [
        b[0] for a, b in zip(plan.form.phrases, plan.form.phrases[1:], strict=False)
        if b[0].intensity - a[-1].intensity >= JUMP
    ]  # fmt: skip
    heavy = {a.beat for a in plan.form.accents if a.heavy}
    for bar in rises:
        if bar.beat not in heavy:
            end_s = plan.form.time_s(bar.beat)
            start_s = max(end_s - plan.form.beats_per_bar * plan.form.beat_s, 0.0)
            gestures.append(Gesture("swell", start_s, end_s, plan.style.hits.riser_lu - 3.0))
    return tuple(gestures)


def _heavy(plan: Plan, accent: Accent) -> list[Gesture]:
    hits = plan.style.hits
    made = []
    length_s = min(RISER_S, 2 * plan.form.beats_per_bar * plan.form.beat_s, accent.time_s)
    if length_s > 0.25:
        made.append(
            Gesture("riser", accent.time_s - length_s, accent.time_s, hits.riser_lu + 4.0 * (accent.weight - 1.0))
        )
    if "sub_hit" in hits.heavy:
        made.append(Gesture("impact", accent.time_s, accent.time_s + 2.2, hits.impact_lu + 4.0 * (accent.weight - 1.0)))
    return made
