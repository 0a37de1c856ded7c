"""From notes to sound: sampled instruments through symusic, soft pads and sub-bass from numpy."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import symusic

from music_engine.composer.form import Form
from music_engine.composer.midi import midi_velocity
from music_engine.composer.note import Note, Part
from music_engine.composer.root_keys import mended
from music_engine.composer.struck import is_struck, play_struck
from music_engine.composer.wavetable import TABLE_SAMPLES, pad_table
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

Row = tuple[int, int, float, float]  # pitch, MIDI velocity, start s, length s

QUALITY = 4  # of symusic's renderer; 5 and 6 are silent in 0.5.9
_TAIL_NOTE_S = 0.05  # symusic stops at the last note's end: an inaudible note after the cue keeps it going
_PAD_ATTACK_S, _PAD_RELEASE_S = 0.7, 1.1
_SUB_ATTACK_S, _SUB_RELEASE_S = 0.03, 0.25


@cache
def _font(path: Path) -> bytes:
    return mended(path.read_bytes())


def _synthesizer(path: Path) -> Any:
    """symusic's, on the mended SoundFont, new for every rendering.

    One that is used again lets what rang at the end of the last rendering sound into the next, so that a cue would
    depend on what was composed before it. It reads files only, and reads them whole: the mended copy goes at once.
    """
    with tempfile.TemporaryDirectory(prefix="cuesmith-") as folder:
        copy = Path(folder) / path.name
        copy.write_bytes(_font(path))
        return symusic.Synthesizer(sf_path=str(copy), sample_rate=SAMPLE_RATE_HZ, quality=QUALITY)


def render_layer(parts: Sequence[Part], form: Form, soundfont: Path, samples: int) -> Samples:
    """The parts of one layer, dry, [2, samples] from the first sample of the lead-in."""
    voice = parts[0].layer.voice
    if voice == "soft_pad":
        return _soft_pad([note for part in parts for note in part.notes], form, samples)
    if voice == "sub":
        return _sub([note for part in parts for note in part.notes], form, samples)
    return _sampled(parts, form, soundfont, samples)


def start_s(note: Note, form: Form) -> float:
    """When a note begins, seconds from the first sample."""
    return max((note.beat - form.start_beat) * form.beat_s + note.offset_ms / 1000.0, 0.0)


def _sampled(parts: Sequence[Part], form: Form, soundfont: Path, samples: int) -> Samples:
    """Instruments that hold their tone come straight from symusic; struck ones get a decay of their own."""
    held = [part for part in parts if not is_struck(part)]
    out = np.zeros((2, samples), dtype=np.float32)
    if held:
        tracks = [(part, [_row(note, form) for note in part.notes]) for part in held]
        out = _render(tracks, soundfont, samples / SAMPLE_RATE_HZ)[:, :samples]
    for part in parts:
        if is_struck(part):
            starts_s = [start_s(note, form) for note in part.notes]
            play_struck(part, starts_s, form.beat_s, lambda p, rows, end_s: _render([(p, rows)], soundfont, end_s), out)
    return out


def _row(note: Note, form: Form) -> Row:
    return note.pitch, midi_velocity(note.velocity), start_s(note, form), note.beats * form.beat_s


def _render(tracks: Sequence[tuple[Part, Sequence[Row]]], soundfont: Path, end_s: float) -> Samples:
    """[2, N] of at least end_s seconds."""
    blank: Any = symusic.Score(480, ttype="tick")
    score = blank.to("second")
    for part, rows in tracks:
        track: Any = symusic.Track(part.layer.name, program=part.program, is_drum=part.is_drum, ttype="second")
        order = sorted(rows, key=lambda row: (row[2], row[0]))
        track.notes = symusic.Note.from_numpy(
            time=np.array([row[2] for row in order], dtype=np.float32),
            duration=np.array([row[3] for row in order], dtype=np.float32),
            pitch=np.array([row[0] for row in order], dtype=np.int8),
            velocity=np.array([row[1] for row in order], dtype=np.int8),
            ttype="second",
        )
        score.tracks.append(track)
    end: Any = symusic.Track("end", program=0, is_drum=False, ttype="second")
    time_s = end_s + _TAIL_NOTE_S
    end.notes.append(symusic.Note(time=time_s, duration=_TAIL_NOTE_S, pitch=60, velocity=1, ttype="second"))
    score.tracks.append(end)
    return np.asarray(_synthesizer(soundfont).render(score, True), dtype=np.float32)


def _envelope(length: int, attack_s: float, release_s: float, hold: int) -> Samples:
    """[length]: raised cosines up over the attack and down after `hold` samples."""
    attack = min(max(int(attack_s * SAMPLE_RATE_HZ), 1), max(hold, 1))
    shape = np.ones(length, dtype=np.float32)
    rise = np.arange(min(attack, length), dtype=np.float32) / attack
    shape[: len(rise)] = 0.5 - 0.5 * np.cos(np.pi * rise)
    fall = np.arange(max(length - hold, 0), dtype=np.float32) / max(release_s * SAMPLE_RATE_HZ, 1.0)
    shape[hold:] *= 0.5 + 0.5 * np.cos(np.pi * np.minimum(fall, 1.0))
    return shape


def _spans(notes: Sequence[Note], form: Form, release_s: float, samples: int) -> list[tuple[Note, int, int, int]]:
    """(note, first sample, samples held, samples sounding) of the notes that are heard."""
    spans = []
    for note in notes:
        first = round(start_s(note, form) * SAMPLE_RATE_HZ)
        hold = round(note.beats * form.beat_s * SAMPLE_RATE_HZ)
        length = min(hold + round(release_s * SAMPLE_RATE_HZ), samples - first)
        if length > 0:
            spans.append((note, first, min(hold, length), length))
    return spans


def _soft_pad(notes: Sequence[Note], form: Form, samples: int) -> Samples:
    """Each note a stretch of its pitch's endless table, faded in and out."""
    out = np.zeros((2, samples), dtype=np.float32)
    for number, (note, first, hold, length) in enumerate(_spans(notes, form, _PAD_RELEASE_S, samples)):
        table = pad_table(note.pitch)
        # A golden-ratio walk through the table: no two notes begin in the same place.
        phase = int(number * 0.618034 * TABLE_SAMPLES) % TABLE_SAMPLES
        envelope = _envelope(length, _PAD_ATTACK_S, _PAD_RELEASE_S, hold) * np.float32(note.velocity)
        done = 0
        while done < length:
            piece = min(length - done, TABLE_SAMPLES - phase)
            out[:, first + done : first + done + piece] += (
                table[:, phase : phase + piece] * envelope[done : done + piece]
            )
            done, phase = done + piece, 0
    return out


def _sub(notes: Sequence[Note], form: Form, samples: int) -> Samples:
    """A sine with a little second and third harmonic, so that small loudspeakers show it too."""
    out = np.zeros(samples, dtype=np.float32)
    for note, first, hold, length in _spans(notes, form, _SUB_RELEASE_S, samples):
        turn = 2.0 * np.pi * 440.0 * 2.0 ** ((note.pitch - 69) / 12.0) / SAMPLE_RATE_HZ
        phase = np.arange(length, dtype=np.float64) * turn
        sine, cosine = np.sin(phase).astype(np.float32), np.cos(phase).astype(np.float32)
        # sin 2x = 2 sin x cos x; sin 3x = sin x (4 cos² x − 1)
        wave = sine * (1.0 + 0.5 * cosine + 0.1 * (4.0 * cosine**2 - 1.0))
        out[first : first + length] += (
            wave * _envelope(length, _SUB_ATTACK_S, _SUB_RELEASE_S, hold) * np.float32(note.velocity)
        )
    return np.stack([out, out])
