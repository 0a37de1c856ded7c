"""The pictures of a passage, handed over by the gate: small, upright, evenly timed, and read as often as wanted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.media import ffmpeg_gate
from pipeline.media.decode import tone_curve
from pipeline.media.probe import MediaProbe
from pipeline.media.stretch import even_pictures
from pipeline.settings import Settings
from pipeline.takes.passage import Passage
from scoring.errors import MediaToolError

BOX_PX = (854, 480)  # the picture fits in this, or in this turned: enough to know the place by
LEAST_WIDTH_PX = 400  # what a caption needs
LEAST_HEIGHT_PX = 90

Picture = NDArray[np.uint8]  # [height, width, 3] RGB


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A passage's pictures in a file of our own making. width_px, height_px: both even."""

    path: Path
    width_px: int
    height_px: int
    passage: Passage
    tone: NDArray[np.uint8] | None


def picture_size(width_px: int, height_px: int) -> tuple[int, int]:
    """Width and height of the film's picture in the clip: even, of the film's shape as far as that allows."""
    longer, shorter = BOX_PX
    box = (shorter, longer) if height_px > width_px else (longer, shorter)
    scale = min(box[0] / width_px, box[1] / height_px)
    return tuple(max(2, round(side * scale / 2) * 2) for side in (width_px, height_px))  # type: ignore[return-value]


def cut_excerpt(film: MediaProbe, passage: Passage, path: Path, settings: Settings) -> Excerpt:
    """Decode the passage's pictures once, in the limited child, into a small file of our own.

    A picture that the film holds for long is held, whatever its rate; what has rotation stands upright. Small shapes
    are padded with black to what a caption needs. Raises MediaToolError.
    """
    inside = picture_size(film.info.width_px, film.info.height_px)
    width_px, height_px = max(inside[0], LEAST_WIDTH_PX), max(inside[1], LEAST_HEIGHT_PX)
    pictures = even_pictures(film, passage.start_s, passage.rate, inside, (width_px, height_px), settings)
    output = ffmpeg_gate.own_output(
        pictures,
        path=path,
        format="matroska",
        vcodec="libx264",
        preset="ultrafast",
        crf=14,
        colorspace="bt709",
        map_metadata=-1,
        **{"frames:v": passage.pictures},
    )
    ffmpeg_gate.run_through(output, settings, film_s=passage.duration_s)
    return Excerpt(path, width_px, height_px, passage, tone_curve(film.info.transfer))


class Pictures:
    """The excerpt's pictures by time: a frame function for moviepy. Read in order; going back starts anew."""

    def __init__(self, excerpt: Excerpt, settings: Settings) -> None:
        self._excerpt = excerpt
        self._settings = settings
        self._stream: Iterator[Picture] | None = None
        self._index = -1
        self._picture: Picture | None = None

    def __enter__(self) -> Pictures:
        return self

    def __exit__(self, *error: object) -> None:
        self._close()

    def at(self, time_s: float) -> Picture:
        """The picture shown at a time of the passage, seconds from its start. Raises MediaToolError."""
        passage = self._excerpt.passage
        wanted = min(passage.pictures - 1, int(Fraction(time_s) * passage.rate + Fraction(1, 1000)))
        if wanted < self._index:
            self._close()
        while self._index < wanted:
            self._stream = self._stream or self._read()
            self._picture = next(self._stream)
            self._index += 1
        assert self._picture is not None
        return self._picture

    def _read(self) -> Iterator[Picture]:
        excerpt = self._excerpt
        shape = (excerpt.height_px, excerpt.width_px, 3)
        source = ffmpeg_gate.own_input(excerpt.path).video
        output = ffmpeg_gate.own_output(source, format="rawvideo", pix_fmt="rgb24", fps_mode="passthrough")
        with ffmpeg_gate.run(output, self._settings, film_s=excerpt.passage.duration_s) as child:
            while len(block := child.stdout.read(shape[0] * shape[1] * 3)) == shape[0] * shape[1] * 3:
                child.touch()
                picture = np.frombuffer(block, np.uint8).reshape(shape)
                yield picture if excerpt.tone is None else excerpt.tone[picture]
            child.finish()
        raise MediaToolError("the comparison's pictures ended too soon", "Run with --debug and report it")

    def _close(self) -> None:
        if self._stream is not None:
            self._stream.close()  # type: ignore[attr-defined]
        self._stream, self._index = None, -1
