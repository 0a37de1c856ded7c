"""Sound on disk through soundfile: float scratch files that may pass 4 GB, and 24-bit FLAC for people."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

Kind = Literal["float", "flac24"]


def writing(path: Path, kind: Kind) -> Any:
    """An open soundfile.SoundFile, 48 kHz stereo, to write [n, 2] blocks to; a context manager.

    "float" is Wave64 (a WAV without the 4 GB limit: a two-hour film in float takes 2.8 GB, four hours 5.5).
    """
    import soundfile

    if kind == "float":
        return soundfile.SoundFile(path, "w", SAMPLE_RATE_HZ, 2, "FLOAT", format="W64")
    # Level 0 of FLAC's compression: a few per cent larger than the usual 5 and three times as quick.
    return soundfile.SoundFile(path, "w", SAMPLE_RATE_HZ, 2, "PCM_24", format="FLAC", compression_level=0.0)


def reading(path: Path) -> Any:
    """An open soundfile.SoundFile to read; a context manager."""
    import soundfile

    return soundfile.SoundFile(path)


def load(path: Path) -> Samples:
    """A whole file as [2, N] float32. For single cues, never for films."""
    with reading(path) as file:
        audio: Samples = file.read(dtype="float32", always_2d=True).T
        return audio


def save_flac(path: Path, audio: Samples) -> None:
    """Write [2, N] as 24-bit FLAC."""
    with writing(path, "flac24") as file:
        file.write(audio.T)
