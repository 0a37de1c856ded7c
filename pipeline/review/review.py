"""The front door: a scored film in, a copy out with its cues, beats, hits, curve and figures burnt in."""

from __future__ import annotations

import io
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import numpy as np

from pipeline.delivery.place import beside
from pipeline.media import ffmpeg_gate
from pipeline.media.decode import tone_curve
from pipeline.media.drawn import write_drawn
from pipeline.media.probe import MediaProbe, probe
from pipeline.media.stretch import even_pictures, stretch_sound
from pipeline.publish import check_room, check_writable, published
from pipeline.review.layout import Layout
from pipeline.review.markers import Markers
from pipeline.review.meter import measure_span
from pipeline.review.scored import Scored, open_scored
from pipeline.review.span import Span, choose_span
from pipeline.review.strip import compose_strip
from pipeline.settings import Settings
from pipeline.wish import Observer, Silent
from scoring.errors import InputError, MediaToolError, OutputRefused

SUFFIX = ".review.mp4"
HEIGHTS_PX = 480, 1440
_BYTES_PER_S = 600_000  # of a copy of 720 lines, more than most take
_METER_SHARE = 0.05  # of the stage's time, about


def make_review(
    video: Path,
    *,
    output: Path | None = None,
    from_s: float | None = None,
    to_s: float | None = None,
    height_px: int = 720,
    observer: Observer | None = None,
    settings: Settings | None = None,
) -> Path:
    """Write a review copy of a scored film, H.264 and AAC in MP4, 16:9; where it lies.

    video: the finished film, one of its takes, the film or its workspace. output: a file ending in .mp4 or a folder;
    `film.review.mp4` beside the finished film by default. from_s, to_s: film times, to review a stretch. height_px:
    even, within HEIGHTS_PX.
    Raises ProjectMissing where there is no workspace, InputError for a stretch or a height there cannot be, what probe
    raises, OutputRefused, DiskFull, MediaToolError.
    """
    settings, observer = settings or Settings(), observer or Silent()
    if height_px % 2 or not HEIGHTS_PX[0] <= height_px <= HEIGHTS_PX[1]:
        raise InputError(
            f"a review of {height_px} lines cannot be drawn", f"Ask for {HEIGHTS_PX[0]} to {HEIGHTS_PX[1]}, even"
        )
    scored, layout = open_scored(video), Layout(height_px)
    span = choose_span(
        scored.sheet.frame_rate,
        scored.sheet.duration_s,
        from_s,
        to_s,
        starts_at_s=scored.starts_at_s,
        timecode=scored.timecode,
    )
    film = probe(scored.video, settings, shortest_s=0.0)
    path = _place(scored, output)
    check_room(path.parent, int(span.duration_s * _BYTES_PER_S * (height_px / 720) ** 2))
    advance = observer.stage("review")
    lufs = measure_span(film, span, settings)
    advance(_METER_SHARE)
    strip = compose_strip(scored, span, lufs, layout)
    sound, bed = stretch_sound(film, span.start_s, span.samples, settings) if film.info.audio else (None, None)
    with published(path) as aside, closing(_pictures(film, span, scored, strip, layout, settings)) as pictures:
        write_drawn(
            pictures,
            span.pictures,
            span.rate.fraction,
            (layout.width_px, layout.height_px),
            sound,
            aside,
            settings,
            lambda share: advance(_METER_SHARE + (1 - _METER_SHARE) * share),
            channels=2 if bed is None else bed.size,
        )
    return path


def _place(scored: Scored, output: Path | None) -> Path:
    """Where the copy goes. Raises OutputRefused where it cannot."""
    usual = beside(scored.video, SUFFIX)
    path = usual if output is None else output / usual.name if output.is_dir() else output.absolute()
    if path.suffix.lower() != ".mp4":
        raise OutputRefused(f"a review is an MP4 file, not {path.name}", "Choose a name that ends in .mp4 with -o")
    if path.exists() and path.samefile(scored.video):
        raise OutputRefused(f"{path} is the film itself", "Choose another name with -o")
    if not path.parent.is_dir():
        raise OutputRefused(f"there is no folder {path.parent}", "Create it, or choose another place with -o")
    check_writable(path.parent)
    return path


def _pictures(
    film: MediaProbe, span: Span, scored: Scored, strip: Any, layout: Layout, settings: Settings
) -> Generator[memoryview, None, None]:
    """Every picture of the stretch with its markers, the strip below; the same memory each time."""
    shape = film.info.width_px, film.info.height_px
    inside, above = layout.film_px(*shape), (layout.width_px, layout.above_px)
    markers = Markers(scored.hits, layout.film_box(*shape), layout)
    tone = tone_curve(film.info.transfer)
    canvas = np.zeros((layout.height_px, layout.width_px, 3), np.uint8)
    upper = canvas[: layout.above_px]
    source = even_pictures(film, span.start_s, span.rate.fraction, inside, above, settings)
    count: dict[str, Any] = {"frames:v": span.pictures}
    output = ffmpeg_gate.own_output(source, format="rawvideo", pix_fmt="rgb24", fps_mode="passthrough", **count)
    with ffmpeg_gate.run(output, settings, film_s=span.duration_s) as child:
        for index in range(span.pictures):
            if not _fill(upper.reshape(-1).data, cast(io.BufferedReader, child.stdout)):
                child.finish()
                raise MediaToolError(f"the pictures of {film.path} end too soon", "Run with --debug and report it")
            child.touch()
            if tone is not None:
                upper[:] = tone[upper]
            # The middle of each picture's time: what happens shows on the picture nearest to it.
            time_s = (index + 0.5) / float(span.rate.fraction)
            markers.paint(upper, span.start_s + time_s)
            canvas[layout.above_px :] = strip.get_frame(time_s)
            yield canvas.reshape(-1).data
        child.finish()


def _fill(memory: memoryview, stream: io.BufferedReader) -> bool:
    """Fill the memory from a stream; False where the stream ends before."""
    done = 0
    while done < len(memory):
        count = stream.readinto(memory[done:])
        if not count:
            return False
        done += count
    return True
