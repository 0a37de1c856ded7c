"""Percussion: grooves that follow density, fills before phrases end, breath before a heavy hit."""

from __future__ import annotations

import numpy as np

from music_engine.composer.form import Bar
from music_engine.composer.note import Part
from music_engine.composer.plan import Plan
from music_engine.composer.players.drums import Stroke, parts_of
from scoring.style import Groove, Layer

VELOCITIES = {"X": 0.95, "x": 0.7, "o": 0.42}
RING_BEATS = 0.9
SOFT_SKIPPED, SOFT_ADDED = 0.25, 0.03  # chance that a soft stroke is left out, or put into an empty place off the beat
ADDED_BY_LIFT = 0.8  # design choice
STRONG = 0.6  # intensity from which a phrase begins with a cymbal
_FILLS = {
    "kit": (("high_tom", "mid_tom", "low_tom", "snare"), 4),
    "low": (("taiko", "taiko", "low_taiko", "taiko"), 4),
}


def play_percussion(plan: Plan, layer: Layer) -> list[Part]:
    """The style's groove for each bar's density, varied bar by bar."""
    rng = plan.seeds.for_cue(f"percussion {layer.name}")
    grooves = sorted(plan.style.grooves, key=lambda groove: groove.threshold)
    heavy = [a.beat for a in plan.form.accents if a.heavy]
    strokes: list[Stroke] = []
    for bar in plan.form.bars:
        if not plan.arrangement.plays(layer, bar) or not grooves:
            continue
        fitting = [g for g in grooves if g.threshold <= bar.density + 1e-6] or grooves[:1]
        in_bar = _groove(fitting[-1], bar, rng)
        if bar.left == 0 and bar.place > 0 and bar.density >= grooves[min(1, len(grooves) - 1)].threshold:
            in_bar = _with_fill(in_bar, bar, _fill_kind(fitting[-1]), rng)
        if bar.place == 0 and bar.intensity >= STRONG:
            in_bar.append(Stroke("crash", bar.beat, 0.6, 4.0))
        strokes += [s for s in in_bar if not any(0 < hit - s.beat < 1 for hit in heavy)]
    strokes += _last(plan, layer, grooves)
    return parts_of(strokes, layer, {})


def _groove(groove: Groove, bar: Bar, rng: np.random.Generator) -> list[Stroke]:
    """One bar: soft strokes come and go, so that no two bars are alike, more of them come the denser it is than strong,
    and plain ones go too the thinner it is; accents stay."""
    skipped = {"o": SOFT_SKIPPED - bar.lift, "x": -bar.lift}
    added = SOFT_ADDED + max(ADDED_BY_LIFT * bar.lift, 0.0)
    strokes = []
    count = round(bar.beats * groove.steps_per_beat)
    for line in groove.lines:
        for i in range(count):
            symbol = line.steps[i % len(line.steps)]
            chance = rng.random()
            if symbol in skipped and chance < skipped[symbol]:
                continue
            if symbol == "." and chance < added and i % groove.steps_per_beat:
                symbol = "o"
            if symbol != ".":
                beat = bar.beat + i / groove.steps_per_beat
                strokes.append(Stroke(line.drum, beat, VELOCITIES[symbol], RING_BEATS))
    return strokes


def _fill_kind(groove: Groove) -> str:
    return "low" if any("taiko" in line.drum for line in groove.lines) else "kit"


def _with_fill(strokes: list[Stroke], bar: Bar, kind: str, rng: np.random.Generator) -> list[Stroke]:
    """The last one or two beats of a phrase rise towards the next."""
    drums, per_beat = _FILLS[kind]
    beats = float(min(int(rng.integers(1, 3)), max(bar.beats - 1, 1)))
    start = bar.beat + bar.beats - beats
    kept = [s for s in strokes if s.beat < start - 1e-6 or s.drum in ("shaker", "hat", "tambourine")]
    count = int(beats * per_beat)
    shape = np.sort(rng.integers(0, len(drums), count)) if kind == "kit" else rng.integers(0, len(drums), count)
    for i in range(count):
        if i and rng.random() < 0.2:
            continue
        kept.append(Stroke(drums[int(shape[i])], start + i / per_beat, 0.45 + 0.4 * i / max(count - 1, 1), RING_BEATS))
    return kept


def _last(plan: Plan, layer: Layer, grooves: list[Groove]) -> list[Stroke]:
    """A stroke under the final chord, if the drums were playing."""
    bars = plan.form.bars
    if plan.form.final_beat is None or not bars or not grooves or not plan.arrangement.plays(layer, bars[-1]):
        return []
    low = "low_taiko" if _fill_kind(grooves[0]) == "low" else "kick"
    return [Stroke(low, plan.form.final_beat, 0.9, 4.0), Stroke("crash", plan.form.final_beat, 0.55, 8.0)]
