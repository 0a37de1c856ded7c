"""Bass: the voice-led bass note in the style's patterns."""

from __future__ import annotations

from music_engine.composer.note import Note
from music_engine.composer.plan import Plan
from music_engine.composer.players.pattern import lifted, pick, steps_of
from music_engine.composer.players.register import folded
from music_engine.composer.voicing import Voicing
from scoring.style import Layer


def play_bass(plan: Plan, layer: Layer) -> tuple[Note, ...]:
    """Bars by pattern (0 root, 5 fifth, 8 octave), each chord change marked; a long note under the last chord."""
    rng = plan.seeds.for_cue(f"bass {layer.name}")
    more = plan.seeds.for_cue(f"density {layer.name}")
    notes: list[Note] = []
    previous = ""
    for bar in plan.form.bars:
        if not plan.arrangement.plays(layer, bar):
            previous = ""
            continue
        previous = pick(layer, bar.intensity, previous, rng)  # the bed's loudness must not hang on density
        steps = lifted(steps_of(previous, layer, bar.beats), bar, plan.form.beat_s, more)
        onsets = {s.beat: (s.beats, s.digit) for s in steps}
        for voicing in plan.voicings:
            offset = voicing.chord.beat - bar.beat
            if 0 < offset < bar.beats - 0.4 and offset not in onsets:
                onsets[offset] = (bar.beats - offset, 0)
        starts = sorted(onsets)
        for start, after in zip(starts, [*starts[1:], bar.beats], strict=True):
            length, digit = onsets[start]
            voicing = plan.voicing_at(bar.beat + start)
            velocity = 0.72 if start == 0 else 0.58
            beats = min(length, after - start) * layer.articulation
            notes.append(Note(bar.beat + start, beats, _pitch(voicing, digit, layer), velocity))
    return tuple(notes) + _last(plan, layer)


def _last(plan: Plan, layer: Layer) -> tuple[Note, ...]:
    """The root under the final chord, if the layer was playing, or if nobody else would hold it up."""
    bars = plan.form.bars
    if plan.form.final_beat is None or (bars and not plan.arrangement.plays(layer, bars[-1])):
        return ()
    voicing = plan.voicings[-1]
    return (Note(voicing.chord.beat, voicing.chord.beats, folded(voicing.bass, layer), 0.75),)


def _pitch(voicing: Voicing, digit: int, layer: Layer) -> int:
    if digit == 5 and (voicing.chord.root + 7) % 12 in voicing.chord.pitch_classes:
        interval = (voicing.chord.root + 7 - voicing.bass) % 12
        return folded(voicing.bass + interval, layer)
    if digit == 8 and voicing.bass + 12 <= layer.high:
        return voicing.bass + 12
    return folded(voicing.bass, layer)
