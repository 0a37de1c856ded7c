"""Under speech the arrangement thins: lead, figures and percussion rest, and the bed leaves speech's own band free.

Only then is the music turned down, which is no engine's business.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.signal import butter

from music_engine.composer.dynamics import HOP, Curve, apply, points
from music_engine.composer.equaliser import filter_in_place
from music_engine.composer.note import Note, Part
from music_engine.composer.plan import Plan
from music_engine.composer.players.effects import Gesture
from music_engine.composer.speech import spoken
from scoring.request import CueRequest, Samples
from scoring.style import Layer
from scoring.timebase import SAMPLE_RATE_HZ, TimeRange

RESTING = ("lead", "counter", "ostinato", "percussion", "effects")
# What rests stops this much before the speech, so that its reverberation has died: a share of the time the room takes
# to fall by 60 dB, and no more than the longest breath a player would take (design choices).
ROOM_SHARE, LONGEST_BREATH_S, SHORTEST_BREATH_S = 0.55, 2.0, 0.3
BAND_HZ = (700.0, 5600.0)  # of the first-order stop: 1 to 4 kHz lies well inside
LEFT_IN_BAND = 0.12  # of the bed, so that it is thin there and not hollow
_FALL_S, _RISE_S = 0.35, 0.9  # the stop comes before the speech starts, and goes when it has ended
_RING_S = 0.9  # how long a cymbal or a drum sounds on


def thinned(parts: tuple[Part, ...], plan: Plan) -> tuple[Part, ...]:
    """The parts without the notes that would sound under speech, whole notes only; the bed and the bass stay."""
    speech = spoken(plan.request)
    if not speech:
        return parts
    breath_s = min(max(ROOM_SHARE * plan.style.space.decay_s, SHORTEST_BREATH_S), LONGEST_BREATH_S)
    kept = [
        replace(part, notes=tuple(n for n in part.notes if not _is_heard(n, part.layer, plan, speech, breath_s)))
        if part.layer.kind in RESTING
        else part
        for part in parts
    ]
    return tuple(part for part in kept if part.notes)


def _is_heard(note: Note, layer: Layer, plan: Plan, speech: tuple[TimeRange, ...], breath_s: float) -> bool:
    """Whether a note or what is left of it would sound during speech."""
    start_s = plan.form.time_s(note.beat) + note.offset_ms / 1000.0
    is_struck = layer.kind in ("percussion", "effects")
    end_s = start_s + (_RING_S if is_struck else note.beats * plan.form.beat_s) + breath_s
    return any(start_s < stretch.end_s and end_s > stretch.start_s for stretch in speech)


def kept_gestures(gestures: tuple[Gesture, ...], request: CueRequest) -> tuple[Gesture, ...]:
    """The gestures that no speech meets. An impact stays: it lies under 100 Hz."""
    speech = spoken(request)
    return tuple(
        g
        for g in gestures
        if g.kind == "impact" or not any(g.start_s < s.end_s and g.end_s > s.start_s for s in speech)
    )


def clear_band(audio: Samples, plan: Plan) -> None:
    """Takes the band of speech out of [2, N], whose first sample is the first of the lead-in, while there is speech."""
    speech = spoken(plan.request)
    if not speech:
        return
    share = _share(speech, plan, audio.shape[1])
    cleared = audio.copy()
    sos = butter(1, BAND_HZ, "bandstop", fs=SAMPLE_RATE_HZ, output="sos")
    for channel in cleared:
        filter_in_place(sos, channel)
    cleared *= np.float32(1.0 - LEFT_IN_BAND)
    cleared += np.float32(LEFT_IN_BAND) * audio
    apply(share, cleared)
    apply(np.float32(1.0) - share, audio)
    audio += cleared


def bed_gain(plan: Plan, samples: int) -> Curve:
    """1, and under speech what the loudness of more or fewer figures between the words would take from the bed or add.

    The cue is brought to its loudness as a whole, and how densely it is written must not be heard as level in it.
    """
    speech = spoken(plan.request)
    return 10.0 ** (np.float32(plan.fuller_lu / 20.0) * _share(speech, plan, samples))


def _share(speech: tuple[TimeRange, ...], plan: Plan, samples: int) -> Curve:
    """0 where nobody speaks, 1 where somebody does, straight between."""
    time_s = np.arange(points(samples)) * HOP / SAMPLE_RATE_HZ + plan.form.time_s(plan.form.start_beat)
    share = np.zeros(len(time_s))
    for stretch in speech:
        marks = [stretch.start_s - _FALL_S, stretch.start_s, stretch.end_s, stretch.end_s + _RISE_S]
        share = np.maximum(share, np.interp(time_s, marks, [0.0, 1.0, 1.0, 0.0]))
    return np.asarray(share, dtype=np.float32)
