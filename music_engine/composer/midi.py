"""The MIDI file of a cue: the notes as rendered, with tempo, metre, track names and markers."""

from __future__ import annotations

import io
from collections.abc import Sequence

import mido

from music_engine.composer.form import Form
from music_engine.composer.harmony import Chord
from music_engine.composer.note import Part
from music_engine.composer.orchestration import VOICE_PROGRAMS
from scoring.request import CueRequest

TICKS_PER_QUARTER = 960
_DRUM_CHANNEL = 9
_MELODIC_CHANNELS = (*range(9), *range(10, 16))


def write_midi(request: CueRequest, form: Form, chords: Sequence[Chord], parts: Sequence[Part]) -> bytes:
    """A type 1 file whose time 0 is the first sample of the cue's sound, lead-in included.

    What comes before the first bar line is one bar of its own tempo, so that every bar line of the file is one of
    the music.
    """
    clock = _Clock(form, request.metre.unit)
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_QUARTER)
    file.tracks.append(_conductor(request, form, chords, clock))
    channels = iter(_MELODIC_CHANNELS * (len(parts) // len(_MELODIC_CHANNELS) + 1))
    for part in parts:
        file.tracks.append(_track(part, _DRUM_CHANNEL if part.is_drum else next(channels), form, clock))
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


class _Clock:
    """Seconds from the first sample to ticks, through the two tempos."""

    def __init__(self, form: Form, unit: int) -> None:
        self.beat_ticks = TICKS_PER_QUARTER * 4 // unit
        self.pickup_s = -form.start_beat * form.beat_s
        self.pickup_ticks = form.beats_per_bar * self.beat_ticks if self.pickup_s > 1e-4 else 0
        self.beat_s = form.beat_s

    def ticks(self, time_s: float) -> int:
        """Of a time from the first sample."""
        if self.pickup_ticks and time_s < self.pickup_s:
            return max(round(time_s / self.pickup_s * self.pickup_ticks), 0)
        return self.pickup_ticks + round(
            (time_s - self.pickup_s * bool(self.pickup_ticks)) / self.beat_s * self.beat_ticks
        )


def _conductor(request: CueRequest, form: Form, chords: Sequence[Chord], clock: _Clock) -> mido.MidiTrack:
    events: list[tuple[int, mido.MetaMessage]] = [
        (0, mido.MetaMessage("track_name", name=f"Cue {request.cue_id}")),
        (0, mido.MetaMessage("time_signature", numerator=request.metre.beats, denominator=request.metre.unit)),
    ]
    beats_per_quarter = request.metre.unit / 4  # MIDI tempo is microseconds a quarter note
    tempo = round(form.beat_s * beats_per_quarter * 1e6)
    if clock.pickup_ticks:
        pickup = max(round(clock.pickup_s / form.beats_per_bar * beats_per_quarter * 1e6), 1)
        events.append((0, mido.MetaMessage("set_tempo", tempo=pickup)))
    events.append((clock.pickup_ticks, mido.MetaMessage("set_tempo", tempo=tempo)))
    shift_s = -form.time_s(form.start_beat)
    for bar in form.bars:
        at = clock.ticks(form.time_s(bar.beat) + shift_s)
        events.append((at, mido.MetaMessage("marker", text=f"bar {bar.index + 1}")))
    for span in form.sections:
        at = clock.ticks(form.time_s(form.bars[span.first].beat) + shift_s)
        events.append((at, mido.MetaMessage("marker", text=f"section {span.section.name}")))
    for accent in form.accents:
        at = clock.ticks(accent.time_s + shift_s)
        events.append((at, mido.MetaMessage("marker", text=f"hit {accent.weight:.2f}")))
    for chord in chords:
        at = clock.ticks(form.time_s(chord.beat) + shift_s)
        events.append((at, mido.MetaMessage("text", text=chord.symbol)))
    return _delta(events)


def _track(part: Part, channel: int, form: Form, clock: _Clock) -> mido.MidiTrack:
    shift_s = -form.time_s(form.start_beat)
    events: list[tuple[int, mido.Message | mido.MetaMessage]] = [
        (0, mido.MetaMessage("track_name", name=part.layer.name)),
        (
            0,
            mido.Message("program_change", channel=channel, program=VOICE_PROGRAMS.get(part.layer.voice, part.program)),
        ),
    ]
    for note in part.notes:
        start_s = form.time_s(note.beat) + shift_s + note.offset_ms / 1000.0
        on = clock.ticks(start_s)
        off = max(clock.ticks(start_s + note.beats * form.beat_s), on + 1)
        velocity = midi_velocity(note.velocity)
        events.append((on, mido.Message("note_on", channel=channel, note=note.pitch, velocity=velocity)))
        events.append((off, mido.Message("note_off", channel=channel, note=note.pitch, velocity=0)))
    return _delta(events)


def midi_velocity(velocity: float) -> int:
    """0..1 to 1..127."""
    return min(max(round(velocity * 127), 1), 127)


def _delta(events: Sequence[tuple[int, mido.Message | mido.MetaMessage]]) -> mido.MidiTrack:
    """Sorted, note-offs before note-ons at the same tick, absolute ticks made relative."""
    track = mido.MidiTrack()
    now = 0
    for at, message in sorted(events, key=lambda event: (event[0], event[1].type == "note_on")):
        track.append(message.copy(time=at - now))
        now = at
    track.append(mido.MetaMessage("end_of_track", time=0))
    return track
