"""Soundtracks put together from known parts: what is heard when is known because it was put there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from noises import RATE_HZ, Sound, over, traffic, weighted_db
from spoken import FRAME_SAMPLES, Truth, read_sound, truth_of
from voices import VOICES, speak

from scoring.speech import SourceMusic, Speech
from vision.frames import SoundBlock
from vision.listening import Listener

READ_SPLIT_S = 7.0  # the read speech up to here tunes, the rest reports
TUNING_VOICES, REPORTING_VOICES = (0, 1), (2, 3)
BLOCK_SAMPLES = 4_999  # straddles everything


@dataclass(frozen=True, slots=True)
class Voiced:
    """Somebody speaking alone: sound [2, n] and its truth [n // 480]."""

    name: str
    sound: Sound
    truth: Truth


@dataclass(frozen=True, slots=True)
class Soundtrack:
    """Sound [2, n], and per 10 ms frame whether there is speech and whether there is music."""

    sound: Sound
    speech: Truth
    music: Truth


def synthetic(which: Sequence[int], seconds: float = 20.0) -> list[Voiced]:
    """Synthesised voices by their number in VOICES."""
    spoken = [speak(seconds, 100 + number, VOICES[number]) for number in which]
    return [Voiced(f"voice {n}", np.stack([s, s]), t) for n, (s, t) in zip(which, spoken, strict=True)]


def read_speech(media: Path, *, tuning: bool) -> Voiced:
    """A part of the read speech."""
    sound = read_sound(media / "lbr_198-209-0000.ogg")
    truth = truth_of(sound)
    split = int(READ_SPLIT_S * 100)
    part = slice(0, split) if tuning else slice(split, len(truth))
    cut = slice(part.start * FRAME_SAMPLES, part.stop * FRAME_SAMPLES)
    return Voiced("read", sound[:, cut], truth[part])


def real_tracks(shared: Path, *, tuning: bool) -> dict[str, Sound]:
    """The tracks whose name ends in _1 tune, the others report, and so does the jazz-funk piece."""
    paths = sorted((shared / "ace-step-tracks").glob("*.opus"))
    chosen = [path for path in paths if path.stem.endswith("_1") == tuning]
    extra = [] if tuning else [shared / "media" / "lbr_Kevin_MacLeod_-_Vibe_Ace.ogg"]
    return {path.stem: read_sound(path) for path in [*chosen, *extra]}


def at_level(sound: Sound, level_db: float) -> Sound:
    """The sound at a K-weighted level."""
    return (sound * 10 ** ((level_db - weighted_db(sound)) / 20)).astype(np.float32)


def of_every_kind(voice: Voiced, music: Sound, clearance_db: float, seed: int) -> Soundtrack:
    """Music, speech, speech over music, noise, speech over noise, faint hiss, digital zero; music once more at the end.

    Music alone stands at −20, speech at −23, noise at −26 dB, K-weighted.
    """
    seconds = voice.sound.shape[1] / RATE_HZ
    rng = np.random.default_rng(seed)
    ten = 10 * RATE_HZ
    hiss = (10 ** (-66 / 20) * rng.standard_normal((2, ten))).astype(np.float32)
    parts = [
        (at_level(music[:, :ten], -20.0), None, True),
        (over(voice.sound, voice.truth, 0 * music + 1e-9, 120.0), voice.truth, False),
        (over(voice.sound, voice.truth, music, clearance_db), voice.truth, True),
        (at_level(traffic(10.0, seed), -26.0), None, False),
        (over(voice.sound, voice.truth, traffic(seconds, seed + 1), 10.0), voice.truth, False),
        (hiss, None, False),
        (np.zeros((2, ten), np.float32), None, False),
        (at_level(music[:, -ten:], -20.0), None, True),
    ]
    sounds = [sound[:, : sound.shape[1] // FRAME_SAMPLES * FRAME_SAMPLES] for sound, _, _ in parts]
    counts = [sound.shape[1] // FRAME_SAMPLES for sound in sounds]
    speech = [
        np.zeros(count, np.bool_) if truth is None else np.pad(truth, (0, max(0, count - len(truth))))[:count]
        for (_, truth, _), count in zip(parts, counts, strict=True)
    ]
    music_truth = [np.full(count, is_music) for (_, _, is_music), count in zip(parts, counts, strict=True)]
    return Soundtrack(np.concatenate(sounds, axis=1), np.concatenate(speech), np.concatenate(music_truth))


def blocks(sound: Sound, length: int = BLOCK_SAMPLES, start_s: float = 0.0) -> Iterator[SoundBlock]:
    """The sound as the decoder would hand it over."""
    for first in range(0, sound.shape[1], length):
        yield SoundBlock(start_s + first / RATE_HZ, sound[:, first : first + length])


def listen(sound: Sound, length: int = BLOCK_SAMPLES) -> tuple[Speech, SourceMusic]:
    """What is heard in a sound [2, n]."""
    listener = Listener()
    for block in blocks(sound, length):
        listener.hear(block)
    return listener.heard(sound.shape[1] / RATE_HZ)
