"""Sounds, plans and evidence made by hand, for tests of the report card. Sound is [2, N] float32 at 48 kHz."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pipeline.card.evidence import CuePlan, Encoded, Evidence, Plan, Series
from pipeline.card.row import Row
from pipeline.card.track import Track
from pipeline.card.tracking import track_of
from pipeline.sound.loudness import loudness_target
from scoring.key import Key
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ, TimeRange

FRAME_S = 0.04
_ROOTS = (45, 41, 48, 43)  # A minor, F, C, G: MIDI notes of the chords' roots
_CHORDS = ((0, 12, 15, 19), (0, 12, 16, 19), (0, 12, 16, 19), (0, 12, 16, 19))


def silence(seconds: float) -> Samples:
    return np.zeros((2, round(seconds * SAMPLE_RATE_HZ)), np.float32)


def sine(hz: float, seconds: float, peak_db: float = -12.0) -> Samples:
    """The same on both channels."""
    time = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    tone = 10 ** (peak_db / 20) * np.sin(2 * np.pi * hz * time)
    return np.stack([tone, tone]).astype(np.float32)


def noise(seconds: float, rms_db: float = -20.0, *, seed: int = 0, tilt_db_per_octave: float = -3.0) -> Samples:
    """Uncorrelated channels from 20 Hz up. Octaves of pink noise (−3) are equally strong; the tilt is a spectrum's."""
    count = round(seconds * SAMPLE_RATE_HZ)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal((2, count)), axis=1)
    hz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE_HZ)
    shape = np.zeros(hz.size)
    shape[hz >= 20] = 10 ** (tilt_db_per_octave * np.log2(hz[hz >= 20] / 1000) / 20)
    sound = np.fft.irfft(spectrum * shape, count, axis=1)
    return np.asarray(sound * (10 ** (rms_db / 20) / np.sqrt(np.mean(sound**2))), np.float32)


def music(seconds: float, bpm: float = 100.0, *, rms_db: float = -20.0, semitones: int = 0, seed: int = 0) -> Samples:
    """A minor, F, C, G, a bar of four beats each: held chords, a plucked arpeggio of eighths, a hat; wide stereo."""
    generator = np.random.default_rng(seed)
    count = round(seconds * SAMPLE_RATE_HZ)
    sound = np.zeros((2, count + 4 * SAMPLE_RATE_HZ))
    beat_s = 60 / bpm
    for bar in range(int(seconds / (4 * beat_s)) + 1):
        root, chord = _ROOTS[bar % 4] + semitones, _CHORDS[bar % 4]
        for place, step in enumerate(chord):
            held = _tone(root + step, 4 * beat_s, 0.06, fade_s=4 * beat_s)
            _lay(sound, held, bar * 4 * beat_s, place / (len(chord) - 1))
        for eighth in range(8):
            step = chord[(eighth + generator.integers(0, 2)) % len(chord)] + 12
            _lay(sound, _tone(root + step, 0.6, 0.2, fade_s=0.15), (bar * 4 + eighth / 2) * beat_s, (eighth % 4) / 3)
        for beat in range(4):
            hat = generator.standard_normal(3000) * np.exp(-np.arange(3000) / 600) * 0.03
            _lay(sound, hat, (bar * 4 + beat) * beat_s, 0.7)
    sound = sound[:, :count]
    return np.asarray(sound * (10 ** (rms_db / 20) / np.sqrt(np.mean(sound**2) + 1e-30)), np.float32)


def gained(sound: Samples, db: float, start_s: float = 0.0, end_s: float | None = None) -> Samples:
    """A copy, a stretch of it louder or softer."""
    copy = sound.copy()
    copy[:, _at(start_s) : None if end_s is None else _at(end_s)] *= np.float32(10 ** (db / 20))
    return copy


def muted(sound: Samples, start_s: float, end_s: float | None = None) -> Samples:
    """A copy with a stretch of digital silence."""
    return gained(sound, -2000.0, start_s, end_s)


def added(sound: Samples, other: Samples, at_s: float = 0.0) -> Samples:
    """A copy with another sound on top."""
    copy = sound.copy()
    end = min(copy.shape[1], _at(at_s) + other.shape[1])
    copy[:, _at(at_s) : end] += other[:, : end - _at(at_s)]
    return copy


def blocks(sound: Samples, size: int = SAMPLE_RATE_HZ) -> Iterator[Samples]:
    for start in range(0, sound.shape[1], size):
        yield sound[:, start : start + size]


def tracked(sound: Samples, starts_at_s: float = 0.0) -> Track:
    return track_of(blocks(sound), starts_at_s)


def cue_plan(start_s: float, end_s: float, bpm: float = 100.0, name: str = "1m1", **changes: Any) -> CuePlan:
    """A cue in A minor in four, on its grid from its start."""
    beats = np.arange(start_s, end_s - 1e-6, 60 / bpm)
    made = CuePlan(
        name,
        TimeRange(start_s, end_s),
        bpm,
        Key.parse("A minor"),
        tuple(float(t) for t in beats),
        tuple(float(t) for t in beats[::4]),
        ((start_s, 0.5), (end_s, 0.5)),
        (),
        engine="composer",
        is_exact=True,
    )
    return replace(made, **changes)


def plan_of(*cues: CuePlan, rests: Sequence[tuple[float, float]] = (), gain_db: Series | None = None) -> Plan:
    return Plan(cues, rests=tuple(TimeRange(*rest) for rest in rests), gain_db=gain_db)


def encoded(integrated_lufs: float = -14.0, target: str | None = "web", **changes: Any) -> Encoded:
    made = Encoded(integrated_lufs, -1.5, 6.0, 0.0, FRAME_S, 0.0, loudness_target(target) if target else None)
    return replace(made, **changes)


def take_of(sound: Samples, plan: Plan | None = None) -> Evidence:
    """A lone take, planned as one cue that ends naturally unless told otherwise."""
    seconds = sound.shape[1] / SAMPLE_RATE_HZ
    return Evidence(seconds, tracked(sound), plan=plan or plan_of(cue_plan(0.0, seconds, ends="end")))


def film_of(sound: Samples, whole: Samples | None = None, **changes: Any) -> Evidence:
    """A scored film of nothing but its music, or of a whole that the music is part of. No plan unless one is given."""
    seconds = sound.shape[1] / SAMPLE_RATE_HZ
    heard = tracked(sound)
    made = Evidence(seconds, heard, heard if whole is None else tracked(whole), encoded=encoded(), has_source=True)
    return replace(made, **changes)


def row_of(rows: Sequence[Row], name: str) -> Row:
    """The one row of that id."""
    (found,) = [row for row in rows if row.id == name]
    return found


def _at(time_s: float) -> int:
    return round(time_s * SAMPLE_RATE_HZ)


def _tone(note: float, seconds: float, level: float, *, fade_s: float) -> Series:
    """A note with a few overtones, softer the higher."""
    time = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    hz = 440 * 2 ** ((note - 69) / 12)
    wave = sum(np.sin(2 * np.pi * hz * n * time) / n**1.5 for n in range(1, 9) if hz * n < 15_000)
    edge = np.minimum(1, time / 0.005) * np.minimum(1, (time[-1] - time) / 0.02)
    return np.asarray(level * wave * edge * np.exp(-time / fade_s), np.float64)


def _lay(sound: Series, tone: Series, at_s: float, place: float) -> None:
    """place: 0 left … 1 right."""
    start = _at(at_s)
    end = min(sound.shape[1], start + tone.size)
    if end > start:
        sound[0, start:end] += tone[: end - start] * np.cos(place * np.pi / 2)
        sound[1, start:end] += tone[: end - start] * np.sin(place * np.pi / 2)
