"""A voice made of numbers: a buzz and noise through moving resonances, in syllables, words and breaths.

No words anybody knows, but what makes sound speech: four syllables a second, closures and bursts, hiss between
vowels, a falling pitch with accents, pauses between phrases (cascade formant synthesis, Klatt 1980, JASA 67: 971).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, resample_poly, sosfilt

RATE_HZ = 16_000
FRAME = 80  # samples between changes of the mouth: 5 ms
BANDWIDTHS_HZ = (80.0, 100.0, 140.0, 200.0, 260.0)

# First three formants of a male voice, Hz (Peterson & Barney 1952, JASA 24: 175).
VOWELS = {
    "i": (270, 2290, 3010),
    "ɪ": (390, 1990, 2550),
    "ɛ": (530, 1840, 2480),
    "æ": (660, 1720, 2410),
    "ɑ": (730, 1090, 2440),
    "ɔ": (570, 840, 2410),
    "ʊ": (440, 1020, 2240),
    "u": (300, 870, 2240),
    "ʌ": (640, 1190, 2390),
    "ɝ": (490, 1350, 1690),
}
# Where the formants come from or go to, Hz, and what is heard meanwhile (values after Klatt 1980, table II).
CONSONANTS = {
    "b": ((200, 1100, 2150), "stop"),
    "d": ((200, 1600, 2600), "stop"),
    "g": ((200, 1990, 2850), "stop"),
    "p": ((400, 1100, 2150), "burst"),
    "t": ((400, 1600, 2600), "burst"),
    "k": ((300, 1990, 2850), "burst"),
    "s": ((320, 1390, 2530), "hiss"),
    "ʃ": ((300, 1840, 2750), "hiss"),
    "f": ((340, 1100, 2080), "hiss"),
    "m": ((250, 1270, 2130), "hum"),
    "n": ((250, 1340, 2470), "hum"),
    "l": ((310, 1050, 2880), "glide"),
    "r": ((310, 1060, 1380), "glide"),
    "w": ((290, 610, 2150), "glide"),
    "j": ((260, 2070, 3020), "glide"),
}
HISS_BAND_HZ = {"s": (4500, 7600), "ʃ": (2200, 6000), "f": (1500, 7500), "p": (500, 2500), "t": (3000, 7000)}


@dataclass(frozen=True, slots=True)
class Voice:
    """pitch_hz: where it speaks. size: formants relative to a grown man's. rate: syllables a second."""

    pitch_hz: float
    size: float
    rate: float


VOICES = (Voice(112.0, 1.0, 4.2), Voice(205.0, 1.16, 4.6), Voice(94.0, 0.96, 3.5), Voice(236.0, 1.2, 5.0))


class _Score:
    """What the mouth does, frame by frame: rows of (f1, f2, f3, voiced level, hiss level), pitch apart."""

    def __init__(self) -> None:
        self.rows: list[tuple[float, float, float, float, float]] = []
        self.hiss_of: list[str] = []

    def hold(self, seconds: float, formants: tuple[float, ...], voiced: float, hiss: float, kind: str = "") -> None:
        count = max(1, round(seconds * RATE_HZ / FRAME))
        self.rows += [(*formants, voiced, hiss)] * count
        self.hiss_of += [kind] * count


def _syllable(score: _Score, rng: np.random.Generator, seconds: float, accent: float) -> None:
    name = str(rng.choice(list(CONSONANTS)))
    vowel = VOWELS[str(rng.choice(list(VOWELS)))]
    place, kind = CONSONANTS[name]
    if kind == "stop":
        score.hold(0.05, place, 0.06, 0.0)
        score.hold(0.01, place, 0.3, 0.25, "t")
    elif kind == "burst":
        score.hold(0.06, place, 0.0, 0.0)
        score.hold(0.012, place, 0.0, 0.9, name)
        score.hold(0.035, place, 0.0, 0.22, name)
    elif kind == "hiss":
        score.hold(0.09, place, 0.0, 0.5 if name != "f" else 0.25, name)
    elif kind == "hum":
        score.hold(0.06, place, 0.35, 0.0)
    else:
        score.hold(0.05, place, 0.6, 0.0)
    score.hold(max(0.07, seconds - 0.1), vowel, accent, 0.02)
    if rng.random() < 0.35:
        final = str(rng.choice(["n", "s", "t", "m", "k"]))
        place, kind = CONSONANTS[final]
        if kind == "hum":
            score.hold(0.06, place, 0.3, 0.0)
        elif kind == "hiss":
            score.hold(0.08, place, 0.0, 0.4, final)
        else:
            score.hold(0.05, place, 0.0, 0.0)
            score.hold(0.015, place, 0.0, 0.5, final)


def speak(seconds: float, seed: int, voice: Voice) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """[n] float32 at 48 kHz, peak 0.5, and its truth: [n // 480] per 10 ms, whether somebody speaks.

    Phrases of 1.5 to 4 s, pauses of 0.5 to 1.2 s. Truth is what was planned: from the first sound of a phrase to its
    last, closures within it included.
    """
    rng = np.random.default_rng(seed)
    score, pitch, truth = _Score(), [], []
    while len(score.rows) * FRAME < seconds * RATE_HZ:
        score.hold(rng.uniform(0.5, 1.2), VOWELS["ʌ"], 0.0, 0.0)
        truth += [False] * (len(score.rows) - len(truth))
        count = int(rng.integers(6, 17))
        first = len(score.rows)
        accents = [0.7 + 0.3 * (rng.random() < 0.4) for _ in range(count)]
        marks = []
        for accent in accents:
            marks.append(len(score.rows))
            _syllable(score, rng, rng.uniform(0.75, 1.3) / voice.rate, accent)
        length = len(score.rows) - first
        fall = np.linspace(1.12, 0.82, length)
        for mark, accent in zip(marks, accents, strict=True):
            if accent > 0.9:
                reach = np.arange(length) - (mark - first) - 18
                fall += 0.16 * np.exp(-0.5 * (reach / 14.0) ** 2)
        pitch += [voice.pitch_hz] * (first - len(pitch)) + list(voice.pitch_hz * fall)
        truth += [True] * length
    rows, frames = np.array(score.rows), int(seconds * RATE_HZ) // FRAME
    soft = np.hanning(9) / np.hanning(9).sum()  # the mouth takes some 40 ms to move
    moving = np.stack([np.convolve(np.pad(c, 4, "edge"), soft, "valid") for c in rows.T[:3]], 1)
    levels = np.stack([np.convolve(np.pad(c, 1, "edge"), np.full(3, 1 / 3), "valid") for c in rows.T[3:]], 1)
    sound = _sound(moving[:frames] * voice.size, levels[:frames], score.hiss_of[:frames], np.array(pitch[:frames]), rng)
    sound = resample_poly(sound, 3, 1).astype(np.float32)
    return 0.5 * sound / np.abs(sound).max(), np.repeat(truth[:frames], 1)[: frames // 2 * 2].reshape(-1, 2).any(axis=1)


def _sound(
    formants: NDArray[np.float64],
    levels: NDArray[np.float64],
    hiss_of: list[str],
    pitch_hz: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    count = len(formants) * FRAME
    wander = np.repeat(1 + 0.01 * rng.standard_normal(len(formants)), FRAME)
    phase = np.cumsum(np.repeat(pitch_hz, FRAME) * wander / RATE_HZ)
    turn = phase % 1.0
    opening = np.where(turn < 0.6, 0.5 * (1 - np.cos(np.pi * turn / 0.4)), 0.0)  # Rosenberg 1971, pulse C
    opening = np.where(
        (turn >= 0.4) & (turn < 0.56), np.cos(np.pi * (turn - 0.4) / 0.32), np.where(turn < 0.4, opening, 0)
    )
    buzz = np.diff(opening, prepend=0.0) * 10
    buzz += 0.02 * rng.standard_normal(count) * opening
    source = buzz * np.repeat(levels[:, 0], FRAME)
    voiced = _through_mouth(source, formants)
    noise = np.zeros(count)
    for name in sorted(set(hiss_of) - {""}):
        band = HISS_BAND_HZ.get(name, (1500, 4500))
        shaped = sosfilt(butter(2, band, "bandpass", fs=RATE_HZ, output="sos"), rng.standard_normal(count))
        mask = np.repeat([kind == name for kind in hiss_of], FRAME)
        noise += shaped * mask
    noise *= np.repeat(levels[:, 1], FRAME)
    return voiced / (np.abs(voiced).max() + 1e-9) + 0.25 * noise


def _through_mouth(source: NDArray[np.float64], formants: NDArray[np.float64]) -> NDArray[np.float64]:
    sound = source
    upper = np.array([3500.0, 4500.0]) * (formants[:, :1] * 0 + 1)
    tracks = np.concatenate([formants, upper], axis=1)
    for track, bandwidth_hz in zip(tracks.T, BANDWIDTHS_HZ, strict=True):
        radius = np.exp(-np.pi * bandwidth_hz / RATE_HZ)
        state, out = np.zeros(2), np.empty_like(sound)
        for index, frequency_hz in enumerate(np.minimum(track, 7_000.0)):
            a = [1.0, -2 * radius * np.cos(2 * np.pi * frequency_hz / RATE_HZ), radius**2]
            span = slice(index * FRAME, (index + 1) * FRAME)
            out[span], state = lfilter([sum(a)], a, sound[span], zi=state)
        sound = out
    return sound
