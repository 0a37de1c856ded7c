"""Films in which somebody speaks, and when, to the 10 ms; and a meter of their own for what they become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from films import ffmpeg, picture
from noises import HIGH_PASS, RATE_HZ, SHELF, Sound, traffic, weighted_db
from numpy.typing import NDArray
from scipy.signal import lfilter
from spoken import FRAME_SAMPLES, Truth
from voices import VOICES, speak

LEAD_S = 4.0
GAPS_S = (5.0, 3.6, 6.0)
PHRASE_S = 7.0


@dataclass(frozen=True, slots=True)
class Talk:
    """A track: sound [2, n], and per 10 ms whether somebody speaks."""

    sound: Sound
    truth: Truth

    @property
    def gaps_s(self) -> list[tuple[float, float]]:
        """The pauses of 3 s and more between the words."""
        edges = np.flatnonzero(np.diff(np.concatenate([[0], self.truth.astype(np.int8), [0]])))
        ends, starts = edges[1::2][:-1], edges[::2][1:]
        return [(a / 100, b / 100) for a, b in zip(ends, starts, strict=True) if b - a >= 300]


def talk(*, noise_db: float, seed: int = 0, speech: Sequence[tuple[Sound, Truth]] | None = None) -> Talk:
    """Phrases with pauses of 3.6 to 6 s before, between and after, at −23 dB over traffic that is noise_db lower.

    speech: recordings with their truth, one a phrase; synthesised voices without.
    """
    if speech is None:
        spoken = (speak(PHRASE_S, 700 + seed + n, VOICES[(seed + n) % len(VOICES)]) for n in range(3))
        speech = [(np.stack([mono, mono]), truth) for mono, truth in spoken]
    parts = [_silence(LEAD_S)]
    for (sound, truth), gap_s in zip(speech, GAPS_S, strict=True):
        frames = min(len(truth), sound.shape[1] // FRAME_SAMPLES)
        gain = 10 ** ((-23.0 - weighted_db(sound, truth)) / 20)
        parts += [(gain * sound[:, : frames * FRAME_SAMPLES], truth[:frames]), _silence(gap_s)]
    sound = np.concatenate([s for s, _ in parts], axis=1).astype(np.float32)
    bed = traffic(sound.shape[1] / RATE_HZ, seed)[:, : sound.shape[1]]
    sound[:, : bed.shape[1]] += 10 ** ((-23.0 - noise_db - weighted_db(bed)) / 20) * bed
    return Talk(sound, np.concatenate([t for _, t in parts]))


def _silence(seconds: float) -> tuple[Sound, Truth]:
    return np.zeros((2, round(seconds * RATE_HZ)), np.float32), np.zeros(round(seconds * 100), bool)


def film_of(path: Path, channels: Sound, layout: str, *, coder: tuple[str, ...] = ("-c:a", "pcm_s16le")) -> Path:
    """A film with this sound [C, n], uncompressed unless told otherwise."""
    import soundfile

    wav = path.with_suffix(".wav")
    soundfile.write(wav, channels.T, RATE_HZ, "FLOAT")
    ffmpeg(
        *picture(channels.shape[1] / RATE_HZ, rate="10"), "-i", wav, "-map", "0:v", "-map", "1:a",
        "-af", f"channelmap=channel_layout={layout}", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
        *coder, path,
    )  # fmt: skip
    return path


def weighted_power(sound: NDArray[np.floating]) -> NDArray[np.float64]:
    """[n // 480] K-weighted power per 10 ms, channels summed, of [C, n]."""
    weighted = lfilter(*HIGH_PASS, lfilter(*SHELF, sound.astype(np.float64), axis=1), axis=1)
    count = sound.shape[1] // FRAME_SAMPLES
    power: NDArray[np.float64] = np.square(weighted[:, : count * FRAME_SAMPLES]).sum(axis=0)
    return power.reshape(count, FRAME_SAMPLES).mean(axis=1)


def worst_clearance_lu(voice: NDArray[np.float64], music: NDArray[np.float64], truth: Truth) -> float:
    """Over every 3 s window with a second of true speech, counting true speech only."""
    count = min(len(voice), len(music), len(truth))
    worst = np.inf
    for first in range(0, count - 300 + 1, 5):
        inside = np.flatnonzero(truth[first : first + 300]) + first
        if len(inside) >= 100:
            worst = min(worst, 10 * np.log10(voice[inside].sum() / max(music[inside].sum(), 1e-15)))
    return float(worst)


def swells_lu(voice: NDArray[np.float64], music: NDArray[np.float64], talk: Talk) -> list[float]:
    """For each pause, the momentary maximum (400 ms) of the music over the mean of the true speech."""
    spoken = voice[: len(talk.truth)][talk.truth[: len(voice)]].mean()
    found = []
    for start_s, end_s in talk.gaps_s:
        inside = music[round(start_s * 100) : round(end_s * 100)]
        momentary = np.convolve(inside, np.full(40, 1 / 40), "valid")
        found.append(float(10 * np.log10(momentary.max() / spoken)))
    return found
