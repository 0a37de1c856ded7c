"""A stretch of a film: its pictures upright and evenly timed, its sound to the sample, as chains for the gate."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from pipeline.media import ffmpeg_gate
from pipeline.media.bed import Bed
from pipeline.media.probe import MediaProbe
from pipeline.media.sound import bed_of, first_picture_s, sound_of
from pipeline.settings import Settings
from scoring.timebase import SAMPLE_RATE_HZ

_UNINDEXED, _RUN_UP_S = {"mpegts"}, 10.0  # cannot seek to a whole picture, so that reading starts this much earlier
_SOUND_RUN_UP_S = 10.0  # sound is cheap to read, and a coder has to have heard some before it is right


def even_pictures(
    film: MediaProbe,
    start_s: float,
    rate: Fraction,
    inside_px: tuple[int, int],
    frame_px: tuple[int, int],
    settings: Settings,
) -> Any:
    """The film's pictures from a film time on, `rate` a second: the first is the one that is on the screen then.

    A picture that the film holds for long is held, whatever its rate, and the last for ever; what has rotation stands
    upright. inside_px: width and height that the picture is brought to, in the middle of a black frame_px.
    """
    run_up_s = min(start_s, _RUN_UP_S) if film.container.name in _UNINDEXED else 0.0
    # Without accurate_seek the picture that is on the screen when the stretch starts comes too, at a time below zero.
    source = ffmpeg_gate.outside_input(
        film.path,
        film.container,
        settings,
        ss=f"{first_picture_s(film, settings) + start_s - run_up_s:.6f}",
        noaccurate_seek=None,
    )
    return (
        source[str(film.video)]
        .filter("fps", fps=str(rate), start_time=f"{run_up_s:.6f}")
        .filter("scale", *inside_px, flags="bicubic", out_color_matrix="bt709", out_range="tv")
        .filter("setsar", 1)
        .filter("format", "yuv420p")
        .filter("pad", *frame_px, "(ow-iw)/2", "(oh-ih)/2")
        .filter("tpad", stop=-1, stop_mode="clone")
    )


def stretch_sound(film: MediaProbe, start_s: float, samples: int, settings: Settings) -> tuple[Any, Bed]:
    """Exactly so many samples of the film's first sound from a film time on, silence where it has none, and its bed.

    The film must have sound.
    """
    bed = bed_of(film)
    from_s = first_picture_s(film, settings) + start_s
    # A container that keeps time by the millisecond is only exact to that where it was sought in.
    seek_s = 0.0 if from_s < _SOUND_RUN_UP_S else from_s - _SOUND_RUN_UP_S
    sought = {"ss": f"{seek_s:.6f}"} if seek_s else {}
    source = ffmpeg_gate.outside_input(film.path, film.container, settings, **sought)
    sound = (
        sound_of(source, film.info.audio[0].index, bed)
        .filter("atrim", start_sample=round((from_s - seek_s) * SAMPLE_RATE_HZ))
        .filter("asetpts", "PTS-STARTPTS")
        .filter("apad", whole_len=samples)
        .filter("atrim", end_sample=samples)
    )
    return sound, bed
