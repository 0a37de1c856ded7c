"""Struck and plucked sounds: each key rendered once, then played with a decay of its own.

symusic 0.5.9 holds the loop of a sample at one level for as long as the note lasts, so that a guitar or a cymbal
would sound like an organ. Here every key of an instrument is rendered once, and every note is a copy of it that dies
away at the rate of its family (design choices near measured instruments).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from music_engine.composer.note import Part
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

Render = Callable[[Part, Sequence[tuple[int, int, float, float]], float], Samples]

_VELOCITIES = (45, 75, 105)  # MIDI velocities at which keys are rendered: SoundFonts change their sample with force
_GAP_S = 0.4  # between two keys, so that the end of one is not in the next
_INAUDIBLE_DB = 60.0
_LONGEST_S = 7.0


@dataclass(frozen=True, slots=True)
class Decay:
    """db_per_s: how fast middle C dies away; per_octave: times faster each octave up.

    release_s: how long it sounds after the key is let go; None lets it ring.
    """

    db_per_s: float
    per_octave: float
    release_s: float | None


# First program, one past the last, and how they die. General MIDI level 1.
_FAMILIES = (
    (0, 8, Decay(9.0, 1.5, 0.22)),  # pianos
    (8, 16, Decay(14.0, 1.25, 0.6)),  # bells and bars
    (24, 32, Decay(12.0, 1.3, 0.12)),  # guitars
    (32, 38, Decay(9.0, 1.2, 0.09)),  # bass guitars
    (45, 46, Decay(45.0, 1.3, 0.15)),  # pizzicato
    (46, 47, Decay(13.0, 1.3, 0.5)),  # harp
    (47, 48, Decay(20.0, 1.3, None)),  # timpani
    (104, 109, Decay(18.0, 1.3, 0.3)),  # sitar to kalimba
    (112, 120, Decay(26.0, 1.3, None)),  # bells and drums
)
_CYMBALS = {49: 11.0, 57: 11.0, 52: 14.0, 55: 20.0, 51: 16.0, 59: 16.0, 46: 40.0}
_DRUM_DB_PER_S = 60.0  # toms, tambourines: everything else of the kit


def decay_of(program: int, is_drum: bool, pitch: int) -> Decay | None:
    """How a key dies away; None for instruments that hold their tone."""
    if is_drum:
        return Decay(_CYMBALS.get(pitch, _DRUM_DB_PER_S), 1.0, None)
    return next((decay for first, after, decay in _FAMILIES if first <= program < after), None)


def is_struck(part: Part) -> bool:
    """Whether a part's instrument dies away by itself."""
    return decay_of(part.program, part.is_drum, 60) is not None


def play_struck(part: Part, starts_s: Sequence[float], beat_s: float, render: Render, out: Samples) -> None:
    """Adds a part to [2, N].

    starts_s: of its notes. render: a part, rows of (pitch, velocity, start s, length s) and an end → their sound.
    """
    wanted: dict[tuple[int, int], float] = {}
    plays = []
    for note, start_s in zip(part.notes, starts_s, strict=True):
        decay = decay_of(part.program, part.is_drum, note.pitch)
        assert decay is not None
        force = min(_VELOCITIES, key=lambda v: abs(v - 127 * note.velocity))
        length_s = _sounding_s(decay, note.pitch, note.beats * beat_s)
        key = (note.pitch, force)
        wanted[key] = max(wanted.get(key, 0.0), length_s)
        plays.append((key, round(start_s * SAMPLE_RATE_HZ), length_s, note, decay))
    bank = _render_keys(part, wanted, render)
    for key, first, length_s, note, decay in plays:
        length = min(round(length_s * SAMPLE_RATE_HZ), bank[key].shape[1], out.shape[1] - first)
        if length <= 0:
            continue
        envelope = _envelope(length, _rate(decay, note.pitch), decay.release_s, note.beats * beat_s)
        # SoundFont 2.04 section 8.4.1: amplitude goes with the square of velocity.
        envelope *= np.float32((127 * note.velocity / key[1]) ** 2)
        out[:, first : first + length] += bank[key][:, :length] * envelope


def _rate(decay: Decay, pitch: int) -> float:
    return float(decay.db_per_s * decay.per_octave ** ((pitch - 60) / 12.0))


def _sounding_s(decay: Decay, pitch: int, held_s: float) -> float:
    """Until it is inaudible, or let go."""
    longest = min(_INAUDIBLE_DB / _rate(decay, pitch), _LONGEST_S)
    return longest if decay.release_s is None else min(held_s + decay.release_s, longest)


def _envelope(length: int, db_per_s: float, release_s: float | None, held_s: float) -> Samples:
    """[length] float32: exponential decay, a release once let go, silence at the end."""
    time_s = np.arange(length, dtype=np.float32) / np.float32(SAMPLE_RATE_HZ)
    gain = np.exp(time_s * np.float32(-db_per_s * np.log(10.0) / 20.0))
    if release_s is not None:
        gain *= np.clip(1.0 - (time_s - held_s) / release_s, 0.0, 1.0) ** 2
    fade = min(480, length)
    gain[length - fade :] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    return np.asarray(gain, dtype=np.float32)


def _render_keys(part: Part, wanted: dict[tuple[int, int], float], render: Render) -> dict[tuple[int, int], Samples]:
    """Each key and force once, one after the other in one go, then cut apart."""
    rows, start_s = [], 0.0
    for (pitch, force), length_s in wanted.items():
        rows.append((pitch, force, start_s, length_s))
        start_s += length_s + _GAP_S
    sound = render(part, rows, start_s)
    bank = {}
    for pitch, force, begin_s, length_s in rows:
        first = round(begin_s * SAMPLE_RATE_HZ)
        bank[pitch, force] = sound[:, first : first + round(length_s * SAMPLE_RATE_HZ)]
    return bank
