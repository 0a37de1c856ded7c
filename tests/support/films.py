"""Films for tests, made by the bundled ffmpeg from its own test sources: small, real, of every awkward kind."""

from __future__ import annotations

import subprocess
from pathlib import Path

from pipeline.media.ffmpeg_gate import bundled_ffmpeg


def ffmpeg(*arguments: str | Path) -> None:
    """Run the bundled ffmpeg; its messages are in the error when it fails."""
    command = [str(bundled_ffmpeg()), "-hide_banner", "-nostdin", "-loglevel", "error", "-y", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stderr}"


def tone(duration_s: float, *, hz: int = 330, channels: int = 2) -> list[str]:
    """Input arguments for a quiet sine."""
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[channels]
    gains = "|".join([f"0.1*sin({hz}*2*PI*t)"] * channels)
    return ["-f", "lavfi", "-i", f"aevalsrc='{gains}':c={layout}:s=48000:d={duration_s}"]


def picture(duration_s: float, *, size: str = "160x90", rate: str = "25") -> list[str]:
    """Input arguments for a moving test picture."""
    return ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={duration_s}"]


def plain_film(
    path: Path,
    duration_s: float = 3.0,
    *,
    size: str = "160x90",
    rate: str = "25",
    sound: bool = True,
    extra: tuple[str, ...] = (),
) -> Path:
    """An H.264 film with or without a quiet tone. extra: output options."""
    inputs = [*picture(duration_s, size=size, rate=rate), *(tone(duration_s) if sound else [])]
    ffmpeg(*inputs, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", *extra, path)
    return path


def colour_film(path: Path, shots: list[tuple[str, float]], *, rate: int = 25) -> Path:
    """A film of plain moving colour shots with hard cuts: [(colour, seconds), …]."""
    inputs: list[str] = []
    for colour, seconds in shots:
        inputs += ["-f", "lavfi", "-i", f"color={colour}:s=192x108:r={rate}:d={seconds}"]
    total_s = sum(seconds for _, seconds in shots)
    joined = "".join(f"[{i}:v]" for i in range(len(shots))) + f"concat=n={len(shots)}:v=1:a=0,noise=alls=6:allf=t[v]"
    ffmpeg(
        *inputs, *tone(total_s), "-filter_complex", joined, "-map", "[v]", "-map", f"{len(shots)}:a",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", path,
    )  # fmt: skip
    return path
