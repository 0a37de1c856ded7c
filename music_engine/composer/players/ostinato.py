"""Ostinatos and arpeggios: chord notes in the style's patterns."""

from __future__ import annotations

from music_engine.composer.note import Note
from music_engine.composer.plan import Plan
from music_engine.composer.players.pattern import Step, lifted, pick, steps_of
from music_engine.composer.players.register import ladder
from scoring.style import Layer

FULL_CHORD = 8


def play_ostinato(plan: Plan, layer: Layer) -> tuple[Note, ...]:
    """Digits 0 to 7 climb the chord from the layer's lower third; 8 strikes three or four of its notes at once."""
    rng = plan.seeds.for_cue(f"ostinato {layer.name}")
    more = plan.seeds.for_cue(f"density {layer.name}")
    resting = {a.beat for a in plan.form.accents if a.heavy}
    notes: list[Note] = []
    previous, phrase, lift = "", -1, 0
    for bar in plan.form.bars:
        if not plan.arrangement.plays(layer, bar):
            previous = ""
            continue
        if bar.phrase != phrase:
            phrase, lift = bar.phrase, int(rng.integers(0, 3))
        previous = pick(layer, bar.density, previous, rng)
        for step in lifted(steps_of(previous, layer, bar.beats), bar, plan.form.beat_s, more):
            beat = bar.beat + step.beat
            if any(0 < hit - beat < 1 for hit in resting):
                continue
            notes += _struck(plan, layer, step, beat, lift)
    return tuple(notes) + _last(plan, layer)


def _struck(plan: Plan, layer: Layer, step: Step, beat: float, lift: int) -> list[Note]:
    tones = ladder(plan.voicing_at(beat), layer)
    velocity = 0.7 if step.beat == 0 else 0.6 if step.beat % 1 == 0 else 0.48
    length = step.beats * layer.articulation
    if step.digit == FULL_CHORD:
        start = min(lift, max(len(tones) - 4, 0))
        spread = layer.strum_ms / 1000.0 / plan.form.beat_s
        chord = tones[start : start + 4]
        return [
            Note(beat + i * spread, max(length - i * spread, 0.05), p, velocity - 0.03 * i) for i, p in enumerate(chord)
        ]
    index = min(step.digit + lift, len(tones) - 1)
    return [Note(beat, length, tones[index], velocity)]


def _last(plan: Plan, layer: Layer) -> tuple[Note, ...]:
    """The final chord, rolled, from every figure that was playing."""
    bars = plan.form.bars
    if plan.form.final_beat is None or (bars and not plan.arrangement.plays(layer, bars[-1])):
        return ()
    if not bars and layer.threshold > 0.5:
        return ()
    tones = ladder(plan.voicings[-1], layer)[:4]
    roll = max(layer.strum_ms, 12.0) / 1000.0 / plan.form.beat_s
    length = plan.form.stop_beat - plan.form.final_beat
    return tuple(
        Note(plan.form.final_beat + i * roll, max(length - i * roll, 0.05), p, 0.62) for i, p in enumerate(tones)
    )
