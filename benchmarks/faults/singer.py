"""A voice that sings: a buzz with vibrato through the resonances of a mouth, in words with breaths between."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from faults.base import Sound
from scoring.key import Key
from scoring.timebase import SAMPLE_RATE_HZ

VOWELS = {  # first four formants, Hz (Peterson & Barney 1952), the fourth about where a singer's lies
    "a": (730, 1090, 2440, 3400),
    "e": (530, 1840, 2480, 3500),
    "i": (300, 2290, 3010, 3600),
    "o": (570, 840, 2410, 3300),
    "u": (300, 870, 2240, 3300),
}
BANDWIDTHS_HZ = (80, 90, 120, 150)
VIBRATO_HZ, VIBRATO_CENTS = 5.6, 45.0
GLIDE_S = 0.06
_FRAME = 240  # samples between changes of the mouth: 5 ms


def sung(seconds: float, key: Key, bpm: float, *, low: int = 57, seed: int = 0) -> Sound:
    """[2, n] a melody on the key's notes from MIDI note `low` up, in phrases with breaths between, peak 0.5."""
    rng = np.random.default_rng(seed)
    n = round(seconds * SAMPLE_RATE_HZ)
    notes = [note for note in range(low, low + 15) if note % 12 in key.scale]
    frames = n // _FRAME + 1
    pitch, level, hiss = np.zeros(frames), np.zeros(frames), np.zeros(frames)
    formants = np.tile(np.array(VOWELS["a"], np.float64), (frames, 1))
    at_s, place, beat_s = 0.2, len(notes) // 2, 60 / bpm
    while at_s < seconds:
        phrase_end_s = at_s + 7 * beat_s
        while at_s < phrase_end_s:
            length_s = beat_s * rng.choice([0.5, 1.0, 1.0, 2.0])
            place = int(np.clip(place + rng.integers(-2, 3), 0, len(notes) - 1))
            first, last = (min(frames, round(t * SAMPLE_RATE_HZ / _FRAME)) for t in (at_s, at_s + length_s))
            consonant = min(last, first + round(rng.choice([0.0, 0.05, 0.09]) * SAMPLE_RATE_HZ / _FRAME))
            pitch[first:last] = notes[place]
            level[consonant:last] = 1.0
            hiss[first:consonant] = 0.15
            formants[first:last] = VOWELS[str(rng.choice(list(VOWELS)))]
            at_s += length_s
        at_s += beat_s * rng.choice([0.7, 1.0, 2.0])
    return _voiced(pitch, level, hiss, formants, n, rng)


def _voiced(
    pitch: NDArray[np.float64],
    level: NDArray[np.float64],
    hiss: NDArray[np.float64],
    formants: NDArray[np.float64],
    n: int,
    rng: np.random.Generator,
) -> Sound:
    frames = pitch.size
    silent = pitch == 0
    pitch = np.interp(np.arange(frames), np.flatnonzero(~silent), pitch[~silent])
    glide = np.hanning(max(3, round(GLIDE_S * SAMPLE_RATE_HZ / _FRAME)) + 2)[1:-1]
    smooth = [np.convolve(curve, glide / glide.sum(), "same") for curve in (pitch, level, hiss, *formants.T)]
    at, centres = np.arange(n), np.arange(frames) * _FRAME
    drawn = [np.interp(at, centres, curve) for curve in smooth]
    vibrato = VIBRATO_CENTS / 100 * np.sin(2 * np.pi * VIBRATO_HZ * at / SAMPLE_RATE_HZ)
    hz = 440 * 2 ** ((drawn[0] + vibrato - 69) / 12)
    phase = np.cumsum(hz / SAMPLE_RATE_HZ)
    # A glottal pulse: opens slowly, shuts at once; −12 dB an octave.
    turn = phase % 1
    buzz = np.where(turn < 0.6, np.sin(np.pi * turn / 0.6) ** 2 * (turn / 0.6), 0.0)
    excited = np.diff(buzz, prepend=0.0) * drawn[1] * 8 + 0.3 * rng.standard_normal(n) * (drawn[2] + 0.02 * drawn[1])
    sound = _through_mouth(excited, np.stack(drawn[3:]))
    sound *= 0.5 / (np.abs(sound).max() + 1e-9)
    return np.stack([sound, sound]).astype(np.float32)


def _through_mouth(excited: NDArray[np.float64], formants: NDArray[np.float64]) -> NDArray[np.float64]:
    """Resonators in a row, their places moved every 20 ms."""
    block = _FRAME * 4
    state = [np.zeros(2) for _ in BANDWIDTHS_HZ]
    out = np.empty_like(excited)
    for first in range(0, excited.size, block):
        piece = excited[first : first + block]
        for number, width_hz in enumerate(BANDWIDTHS_HZ):
            hz = formants[number, first]
            r = np.exp(-np.pi * width_hz / SAMPLE_RATE_HZ)
            a1, a2 = -2 * r * np.cos(2 * np.pi * hz / SAMPLE_RATE_HZ), r * r
            piece, state[number] = lfilter([1 + a1 + a2], [1.0, a1, a2], piece, zi=state[number])
        out[first : first + block] = piece
    return out
