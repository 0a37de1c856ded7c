"""A film's own sound: every channel of its bed, in blocks on the film's clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.media import ffmpeg_gate
from pipeline.media.bed import STEREO, Bed, bed_for, beds
from pipeline.media.nut import packets
from pipeline.media.probe import MediaProbe
from pipeline.settings import Settings
from scoring.timebase import SAMPLE_RATE_HZ
from vision.frames import SoundBlock

BLOCK_SAMPLES = 4800


@dataclass(frozen=True, slots=True)
class FilmSound(SoundBlock):
    """A block of a film's sound. bed: [C, n], every channel; samples: the same mixed down to stereo."""

    bed: NDArray[np.float32]


def bed_of(film: MediaProbe) -> Bed:
    """The bed a film's sound is kept in: that of its first sound stream; stereo without one."""
    if not film.info.audio:
        return beds()[STEREO]
    stream = film.info.audio[0]
    return bed_for(stream.layout, stream.channels)


def sound_of(source: Any, stream: int, bed: Bed) -> Any:
    """The filter chain that makes any sound stream 48 kHz float in that bed, without gaps, from the container's start.

    A layout that is none of our beds is mixed down by ffmpeg's own matrix (ITU-R BS.775: centre, surrounds at −3 dB).
    """
    return (
        source[str(stream)]
        .filter("aresample", SAMPLE_RATE_HZ, **{"async": 1, "first_pts": 0})
        .filter("aformat", sample_fmts="flt", channel_layouts=bed.name)
    )


def read_sound(film: MediaProbe, settings: Settings) -> Iterator[FilmSound]:
    """The sound of a film's first sound stream alone, from the first picture's time on. Nothing without one."""
    if not film.info.audio:
        return
    bed = bed_of(film)
    source = ffmpeg_gate.outside_input(film.path, film.container, settings)
    chain = sound_of(source, film.info.audio[0].index, bed).filter("asetnsamples", n=BLOCK_SAMPLES * 10, p=0)
    output = ffmpeg_gate.own_output(chain, format="nut", acodec="pcm_f32le", map_metadata=-1)
    first_s = first_picture_s(film, settings)
    with ffmpeg_gate.run(output, settings, film_s=film.longest_s) as child:
        clock = SoundClock(bed)
        for _, time_s, payload in packets(child):
            child.touch()
            yield from clock.take(time_s, payload, first_s)
        child.finish()


def first_picture_s(film: MediaProbe, settings: Settings) -> float:
    """When the first picture comes on ffmpeg's clock, which starts with the container's earliest stream.

    AVI keeps no presentation times, and its readers make them up in different ways: there ffmpeg itself is asked.
    """
    if film.container.name == "avi":
        return _first_decoded_s(film, settings)
    starts = [s.start_s for s in film.streams if s.kind in ("video", "audio") and not s.is_picture_attached]
    return film.info.start_offset_s - min([*starts, film.info.start_offset_s])


def _first_decoded_s(film: MediaProbe, settings: Settings) -> float:
    """The time of the first picture that ffmpeg decodes; 0 where it decodes none."""
    source = ffmpeg_gate.outside_input(film.path, film.container, settings)
    small = source[str(film.video)].filter("scale", 16, 16).filter("format", "gray")
    options: dict[str, Any] = {"vcodec": "rawvideo", "fps_mode": "passthrough", "map_metadata": -1, "frames:v": 1}
    output = ffmpeg_gate.own_output(small, format="nut", **options)
    with ffmpeg_gate.run(output, settings, film_s=film.longest_s) as child:
        times_s = [time_s for _, time_s, _ in packets(child)]
        child.finish()
    return times_s[0] if times_s else 0.0


class SoundClock:
    """Cuts what sounds before the first picture and stamps blocks with film time."""

    def __init__(self, bed: Bed) -> None:
        self._bed = bed
        self._waiting: list[tuple[float, NDArray[np.uint8]]] = []
        self._next: int | None = None

    @property
    def end_s(self) -> float:
        """Film time at which the sound so far ends."""
        return (self._next or 0) / SAMPLE_RATE_HZ

    def take(self, time_s: float, payload: NDArray[np.uint8], first_s: float | None) -> Iterator[FilmSound]:
        """Take one packet of samples; give what can be placed once the first picture's time is known."""
        self._waiting.append((time_s, payload))
        if first_s is not None:
            yield from self.rest(first_s)

    def rest(self, first_s: float) -> Iterator[FilmSound]:
        """What was taken and not given yet."""
        for time_s, payload in self._waiting:
            samples = payload.view(np.float32).reshape(-1, self._bed.size).T
            start = round((time_s - first_s) * SAMPLE_RATE_HZ) if self._next is None else self._next
            if start < 0:
                length = samples.shape[1]
                samples = samples[:, min(-start, length) :]
                start = min(0, start + length)
            self._next = start + samples.shape[1]
            if samples.shape[1]:
                heard = np.nan_to_num(np.ascontiguousarray(samples))
                yield FilmSound(start / SAMPLE_RATE_HZ, self._bed.downmix(heard), heard)
        self._waiting.clear()
