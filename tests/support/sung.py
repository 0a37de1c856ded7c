"""The voice made of numbers, singing: syllables on the notes of a tune, slid between, with vibrato and breaths."""

from __future__ import annotations

import numpy as np
from noises import Sound
from numpy.typing import NDArray
from scipy.signal import resample_poly
from voices import FRAME, RATE_HZ, VOWELS, Voice, _Score, _sound, _syllable

MAJOR = (0, 2, 4, 5, 7, 9, 11)
GLIDE_FRAMES = 11  # 55 ms from note to note
VIBRATO_HZ = 5.5
LOW = 0.9  # of the pitch a voice speaks at: its lowest note
SLOW = 1.25  # how much longer a sung syllable is than a spoken one, on average


def sing(seconds: float, seed: int, voice: Voice, vibrato_cents: float = 25.0) -> tuple[Sound, NDArray[np.bool_]]:
    """[2, n] float32 at 48 kHz, peak 0.5, and its truth: [n // 240] per 5 ms, whether somebody sings.

    Phrases of 6 to 11 syllables with breaths of 0.3 to 0.8 s between them, over a little more than an octave.
    """
    rng = np.random.default_rng(seed)
    score, semitones, truth, degree = _Score(), [0.0], [False], 3
    while len(score.rows) * FRAME < seconds * RATE_HZ:
        score.hold(rng.uniform(0.3, 0.8), VOWELS["ʌ"], 0.0, 0.0)
        truth += [False] * (len(score.rows) - len(truth))
        for _ in range(int(rng.integers(6, 12))):
            _syllable(score, rng, SLOW * float(rng.choice([0.7, 1.0, 1.0, 2.0])) / voice.rate, rng.uniform(0.8, 1.0))
            degree = int(np.clip(degree + rng.choice([-2, -1, -1, 0, 1, 1, 2]), 0, 8))
            semitones += [12.0 * (degree // 7) + MAJOR[degree % 7]] * (len(score.rows) - len(semitones))
        truth += [True] * (len(score.rows) - len(truth))
    frames = int(seconds * RATE_HZ) // FRAME
    rows, tune = np.array(score.rows)[:frames], np.array(semitones)[:frames]
    tune = _eased(tune, np.full(GLIDE_FRAMES, 1 / GLIDE_FRAMES))
    tune += vibrato_cents / 100 * np.sin(2 * np.pi * VIBRATO_HZ * np.arange(frames) * FRAME / RATE_HZ)
    pitch_hz = LOW * voice.pitch_hz * 2 ** (tune / 12)
    soft = np.hanning(9) / np.hanning(9).sum()  # the mouth takes some 40 ms to move
    mouth = np.stack([_eased(column, soft) for column in rows.T[:3]], axis=1) * voice.size
    levels = np.stack([_eased(column, np.full(3, 1 / 3)) for column in rows.T[3:]], axis=1)
    mono = resample_poly(_sound(mouth, levels, score.hiss_of[:frames], pitch_hz, rng), 3, 1).astype(np.float32)
    mono *= 0.5 / np.abs(mono).max()
    return np.stack([mono, mono]), np.array(truth[:frames])


def _eased(values: NDArray[np.float64], kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.convolve(np.pad(values, len(kernel) // 2, "edge"), kernel, "valid")
