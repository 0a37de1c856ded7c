"""The comparison clip: the same passage once with each take, named in the picture. Composed by moviepy.

moviepy opens no file and starts no process here. The pictures come from the gate (excerpt.py), which decodes the
outside film in its limited child: a delivered take holds the film's own picture packets, so it is no file of ours to
open. What moviepy composes goes back to the gate to be encoded, by the binary that the settings name.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.media import ffmpeg_gate
from pipeline.media.drawn import Advance, write_drawn
from pipeline.settings import Settings
from pipeline.sound.file import SoundWriter
from pipeline.takes.excerpt import Excerpt, Pictures
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

_STRIP_SHARE, _LEAST_STRIP_PX = 0.09, 28  # the caption's height: of the picture's, and at least
_INK, _PAPER = (240, 240, 240), (20, 22, 26)
_EDGE_SAMPLES = SAMPLE_RATE_HZ // 50  # 20 ms up and down where sections meet, so that no join clicks


def write_sound(sections: Sequence[Samples], gains_db: Sequence[float], path: Path) -> None:
    """Write the sections one after the other into a float file, each at its gain. sections: [2, n] each."""
    with SoundWriter(path, "float") as out:
        for section, gain_db in zip(sections, gains_db, strict=True):
            out.write(section * _edges(section.shape[1]) * np.float32(10 ** (gain_db / 20)))


def write_clip(
    excerpt: Excerpt, captions: Sequence[str], sound: Path, path: Path, settings: Settings, advance: Advance
) -> None:
    """Write the clip, H.264 and AAC in MP4: the excerpt once under each caption, with the sound.

    captions: in characters of Pillow's own font, which has Latin letters. sound: as long as all sections together.
    Raises MediaToolError when it cannot be encoded, DiskFull.
    """
    rate, count = excerpt.passage.rate, excerpt.passage.pictures * len(captions)
    with Pictures(excerpt, settings) as pictures:
        clip = _compose(pictures, excerpt, captions)
        # The middle of each picture's time: no rounding can reach for its neighbour.
        composed = (clip.get_frame((index + 0.5) / float(rate)) for index in range(count))
        drawn = (np.ascontiguousarray(picture, np.uint8).data for picture in composed)
        write_drawn(drawn, count, rate, clip.size, ffmpeg_gate.own_input(sound).audio, path, settings, advance)


def _compose(pictures: Pictures, excerpt: Excerpt, captions: Sequence[str]) -> Any:
    """The whole clip as a moviepy clip: one section per caption, the caption in a strip under the picture."""
    from moviepy import CompositeVideoClip, TextClip, VideoClip, concatenate_videoclips

    strip_px = max(_LEAST_STRIP_PX, round(excerpt.height_px * _STRIP_SHARE / 2) * 2)
    font_px = min(_font_px(caption, excerpt.width_px, strip_px) for caption in captions)
    above_px = _above_px(font_px, strip_px)
    sections = []
    for caption in captions:
        picture = VideoClip(pictures.at, duration=excerpt.passage.duration_s)
        text = TextClip(
            text=caption,
            font_size=font_px,
            size=(excerpt.width_px, strip_px - above_px),
            margin=(0, above_px, 0, 0),
            vertical_align="top",
            color=_INK,
            bg_color=_PAPER,
            transparent=False,
            duration=picture.duration,
        )
        placed = [picture, text.with_position((0, excerpt.height_px))]
        sections.append(CompositeVideoClip(placed, size=(excerpt.width_px, excerpt.height_px + strip_px)))
    return concatenate_videoclips(sections)


def _font_px(caption: str, width_px: int, strip_px: int) -> int:
    """The largest size at which the caption fits its strip with some air."""
    from PIL import ImageFont

    size_px = round(strip_px * 0.6)
    while size_px > 6 and ImageFont.load_default(size_px).getlength(caption) > 0.94 * width_px:
        size_px -= 1
    return size_px


def _above_px(font_px: int, strip_px: int) -> int:
    """How far under the strip's edge a line begins whose capitals are to stand in its middle."""
    from PIL import ImageFont

    font = ImageFont.load_default(font_px)
    ascent_px = font.getbbox("T", anchor="la")[3]  # from the line's top, where moviepy begins, to its baseline
    capital_px = -font.getbbox("T", anchor="ls")[1]
    return max(0, round((strip_px + capital_px) / 2 - ascent_px))


def _edges(samples: int) -> Samples:
    """[samples] a gain that rises from zero and falls to it within _EDGE_SAMPLES."""
    place = np.arange(samples, dtype=np.float32)
    return np.clip(np.minimum(place, place[::-1]) / _EDGE_SAMPLES, 0, 1)
