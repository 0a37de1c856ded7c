"""Read a container's head with PyAV and print what it says as one JSON object.

Run as a program, in a limited process of its own: `python -I probe_child.py FILE DEMUXER OPTIONS_JSON`.
It imports nothing of the project.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import av

_FRAMES_TRIED = 400  # packets' worth of damage to step over before giving up on the first picture


def _fraction(value: Any) -> str | None:
    return f"{value.numerator}/{value.denominator}" if value else None


def _seconds(value: Any, time_base: Any) -> float | None:
    return float(value * time_base) if value is not None and time_base is not None else None


def _stream(stream: Any) -> dict[str, Any]:
    context = stream.codec_context
    row: dict[str, Any] = {
        "index": stream.index,
        "type": stream.type,
        "codec": context.name if context is not None else None,
        "start_s": _seconds(stream.start_time, stream.time_base),
        "duration_s": _seconds(stream.duration, stream.time_base),
        "frames": stream.frames,
        "metadata": dict(stream.metadata),
        "disposition": int(stream.disposition),
        "attached_picture": bool(stream.disposition & av.stream.Disposition.attached_pic),
    }
    if stream.type == "video" and context is not None:
        row |= {
            "width": context.width,
            "height": context.height,
            "pixel_aspect": _fraction(stream.sample_aspect_ratio),
            "pixel_format": context.pix_fmt,
            "average_rate": _fraction(stream.average_rate),
            "base_rate": _fraction(stream.base_rate),
            "guessed_rate": _fraction(stream.guessed_rate),
            "colour": [context.color_range, context.colorspace, context.color_primaries, context.color_trc],
        }
    if stream.type == "audio" and context is not None:
        row |= {"rate": context.sample_rate, "channels": context.channels, "layout": context.layout.name}
    return row


def _first_picture(container: Any, stream: Any) -> dict[str, Any] | None:
    """Decode one picture: proof that there is one, and where its rotation and exact time are found."""
    errors = 0
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            errors += 1
            if errors > _FRAMES_TRIED:
                return None
            continue
        for frame in frames:
            return {"time_s": frame.time, "rotation": frame.rotation, "width": frame.width, "height": frame.height}
    return None


def probe(path: str, demuxer: str, options: dict[str, str]) -> dict[str, Any]:
    """What the container says of itself, and its first picture."""
    with av.open(path, format=demuxer, options=options, metadata_errors="replace") as container:
        streams = [_stream(s) for s in container.streams]
        pictures = [s for s in container.streams.video if not streams[s.index]["attached_picture"]]
        return {
            "format": container.format.name,
            "duration_s": container.duration / av.time_base if container.duration else None,
            "start_s": container.start_time / av.time_base if container.start_time is not None else 0.0,
            "metadata": dict(container.metadata),
            "chapters": len(container.chapters()),
            "streams": streams,
            "video": pictures[0].index if pictures else None,
            "picture": _first_picture(container, pictures[0]) if pictures else None,
        }


if __name__ == "__main__":
    av.logging.set_level(av.logging.PANIC)
    try:
        report = probe(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))
    except (av.error.FFmpegError, ValueError, UnicodeError) as error:
        report = {"error": f"{type(error).__name__}: {getattr(error, 'strerror', None) or error}"}
    sys.stdout.write(json.dumps(report))
