"""Independent looks at a scored file: nothing here uses the code that made it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import av
import numpy as np
import pyloudnorm
from numpy.typing import NDArray

from pipeline.media.ffmpeg_gate import bundled_ffmpeg


def stream_md5(path: Path, which: str) -> str:
    """The MD5 of a stream's packets as they lie in the file; "v:0", "a:1" …"""
    command = [bundled_ffmpeg(), "-v", "error", "-i", path, "-map", f"0:{which}", "-c", "copy", "-f", "md5", "-"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


def picture_md5(path: Path) -> str:
    """The MD5 of every decoded picture, for codecs whose packets are cut differently by different containers."""
    command = [
        bundled_ffmpeg(),
        "-v",
        "error",
        "-i",
        path,
        "-map",
        "0:v:0",
        "-fps_mode",
        "passthrough",
        "-f",
        "md5",
        "-",
    ]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


def decoded(path: Path, which: str = "a:0", *, count: int = 2) -> NDArray[np.float32]:
    """A sound stream as [count, N] at 48 kHz, placed on the container's own clock."""
    command = [
        bundled_ffmpeg(), "-v", "error", "-i", path, "-map", f"0:{which}", "-af", "aresample=48000:async=1:first_pts=0",
        "-ac", str(count), "-f", "f32le", "-",
    ]  # fmt: skip
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.float32).reshape(-1, count).T


def channels(path: Path) -> tuple[int, str]:
    """How many channels the first sound has, and its layout's name."""
    with av.open(str(path)) as container:
        layout = container.streams.audio[0].layout
        return layout.nb_channels, layout.name


def picture_s(path: Path) -> float:
    """How long the picture lasts by its packets' own times."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        times = [(p.pts, p.duration or 0) for p in container.demux(stream) if p.pts is not None]
        first = min(pts for pts, _ in times)
        last, held = max(times)
        return float((last + held - first) * stream.time_base)


def loudness_lufs(audio: NDArray[np.float32]) -> float:
    return float(pyloudnorm.Meter(48_000).integrated_loudness(audio.T.astype(np.float64)))


def true_peak_dbtp(audio: NDArray[np.float32]) -> float:
    """Four times oversampled by FFT, an interpolator unlike ffmpeg's."""
    from scipy.signal import resample_poly

    return float(20 * np.log10(np.abs(resample_poly(audio, 4, 1, axis=1)).max() + 1e-12))
