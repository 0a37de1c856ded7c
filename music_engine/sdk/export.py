"""Sound to a file that people play: WAV, FLAC, OGG or MP3, by the file's suffix, through soundfile."""

from __future__ import annotations

import contextlib
import errno
import io
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from scoring.errors import DiskFull, OutputRefused
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

# suffix → (container, encoding) as libsndfile calls them; MP3 and Vorbis keep the number of samples exactly.
FORMATS = {
    ".wav": ("WAV", "PCM_24"),
    ".flac": ("FLAC", "PCM_24"),
    ".ogg": ("OGG", "VORBIS"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
}
_FULL_SCALE = 0.999  # what is louder would clip in 24 bits; it is turned down whole
_BLOCK_SAMPLES = SAMPLE_RATE_HZ  # libsndfile's Vorbis encoder keeps a whole write on its stack


def export(audio: Samples, path: Path, *, gain: float | None = None) -> Path:
    """Write [2, N] float32 at 48 kHz, aside first, then renamed, so that no half file is ever there.

    gain: factor on every sample; None turns down what is louder than full scale, and nothing else. Returns the path.
    Raises OutputRefused for a suffix there is not and a place that cannot be written, DiskFull.
    """
    container, encoding = _format(path)
    data = _encode(audio, gain if gain is not None else gain_within_full_scale([audio]), container, encoding)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            aside.write_bytes(data)
            aside.replace(path)
        finally:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull(f"the disk that holds {path.parent} is full", "Free some space and export again") from error
        raise OutputRefused(f"{path} cannot be written: {error.strerror}", "Choose another place") from error
    return path


def gain_within_full_scale(sounds: Iterable[Samples]) -> float:
    """The factor, at most 1, that brings the loudest of some sounds within what 24 bits hold."""
    peak = max((float(np.abs(audio).max(initial=0.0)) for audio in sounds), default=0.0)
    return min(1.0, _FULL_SCALE / peak) if peak else 1.0


def _encode(audio: Samples, gain: float, container: str, encoding: str) -> bytes:
    import soundfile

    data = io.BytesIO()
    with soundfile.SoundFile(data, "w", SAMPLE_RATE_HZ, 2, encoding, format=container) as file:
        for start in range(0, audio.shape[1], _BLOCK_SAMPLES):
            file.write(audio[:, start : start + _BLOCK_SAMPLES].T * np.float32(gain))
    return data.getvalue()


def _format(path: Path) -> tuple[str, str]:
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        raise OutputRefused(f"{path.name} names no sound format", f"End the name with one of {', '.join(FORMATS)}")
    return found
