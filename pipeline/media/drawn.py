"""Write a film that was drawn here: raw pictures to the gate, which encodes them with a sound."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

from pipeline.media import ffmpeg_gate
from pipeline.settings import Settings

Advance = Callable[[float], None]  # called with the share done, 0..1
_SOUND_KBPS = {2: 192, 6: 384, 8: 512}  # by channels


def write_drawn(
    pictures: Iterable[memoryview],
    count: int,
    rate: Fraction,
    size_px: tuple[int, int],
    sound: Any | None,
    path: Path,
    settings: Settings,
    advance: Advance,
    *,
    channels: int = 2,
) -> None:
    """Write `path`, H.264 and AAC in MP4.

    pictures: `count` of them, each [height, width, 3] RGB bytes in a row, `rate` a second; a picture's memory may be
    used again for the next. size_px: width and height, both even. sound: a chain of the gate's, None for none.
    Raises MediaToolError when it cannot be encoded, DiskFull.
    """
    command = _encoder(size_px, str(rate), sound, channels, path)
    with ffmpeg_gate.run(command, settings, film_s=float(count / rate), wants_input=True) as child:
        # A coder that breaks says why when it is asked for its end.
        with contextlib.suppress(BrokenPipeError):
            for index, picture in enumerate(pictures):
                child.stdin.write(picture)
                child.touch()
                advance((index + 1) / count)
        child.finish()


def _encoder(size_px: tuple[int, int], rate: str, sound: Any | None, channels: int, path: Path) -> Any:
    drawn = ffmpeg_gate.own_input(
        "pipe:0", format="rawvideo", pix_fmt="rgb24", s=f"{size_px[0]}x{size_px[1]}", framerate=rate
    )
    picture = drawn.video.filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", "yuv420p")
    heard = {} if sound is None else {"acodec": "aac", "audio_bitrate": f"{_SOUND_KBPS.get(channels, 192)}k"}
    return ffmpeg_gate.own_output(
        picture,
        *([] if sound is None else [sound]),
        path=path,
        format="mp4",
        vcodec="libx264",
        preset="veryfast",
        crf=23,
        **heard,
        colorspace="bt709",
        color_primaries="bt709",
        color_trc="bt709",
        movflags="+faststart",
        map_metadata=-1,
    )
