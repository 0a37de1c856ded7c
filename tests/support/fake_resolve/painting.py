"""The file that a render writes: by ffmpeg, one colour for each clip, or only its boxes where nobody looks inside."""

from __future__ import annotations

import itertools
import struct
from fractions import Fraction
from pathlib import Path

from films import ffmpeg, tone

from fake_resolve.rows import TimelineRow, rate_of

COLOURS = ("red", "blue", "green", "yellow", "purple", "orange", "white", "gray")


def paint(path: Path, timeline: TimelineRow, first: int, frames: int, has_picture: bool) -> None:
    """A small film of these frames with a tone; without a picture only the tone."""
    rate = rate_of(timeline.rate)
    duration_s = float(frames / rate)
    if not has_picture:
        ffmpeg(*tone(duration_s), *(() if path.suffix == ".wav" else ("-c:a", "aac")), path)
        return
    edges = sorted({first, first + frames, *(e for e in _edges(timeline) if first < e < first + frames)})
    inputs: list[str] = []
    for number, (start, end) in enumerate(itertools.pairwise(edges)):
        colour = COLOURS[number % len(COLOURS)]
        inputs += ["-f", "lavfi", "-i", f"color={colour}:s=160x90:r={rate}:d={float((end - start) / rate):.9f}"]
    shots = len(edges) - 1
    joined = "".join(f"[{n}:v]" for n in range(shots)) + f"concat=n={shots}:v=1:a=0,noise=alls=6:allf=t[v]"
    ffmpeg(
        *inputs, *tone(duration_s), "-filter_complex", joined, "-map", "[v]", "-map", f"{shots}:a",
        "-frames:v", str(frames), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", path,
    )  # fmt: skip


def paint_boxes(path: Path, timeline: TimelineRow, first: int, frames: int, has_picture: bool) -> None:
    """The boxes of an MP4 without a frame in it, at once: for who looks at its kind and its length only."""
    del first
    scale = 90_000
    units = round(Fraction(frames) / rate_of(timeline.rate) * scale)
    header = _box(b"mvhd", struct.pack(">4xIIII", 0, 0, scale, units) + bytes(80))
    media = struct.pack(">4xIIII", 0, 0, scale, units) + bytes(4)
    kinds = [b"vide", b"soun"] if has_picture else [b"soun"]
    tracks = [
        _box(b"trak", _box(b"mdia", _box(b"mdhd", media) + _box(b"hdlr", bytes(8) + kind + bytes(13))))
        for kind in kinds
    ]
    path.write_bytes(
        _box(b"ftyp", b"isom" + bytes(4)) + _box(b"mdat", bytes(64)) + _box(b"moov", header + b"".join(tracks))
    )


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


def _edges(timeline: TimelineRow) -> list[int]:
    return [item.start for track in timeline.tracks["video"] for item in track.items if item.clip is not None]
