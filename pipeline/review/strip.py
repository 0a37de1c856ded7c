"""The strip under the picture, composed by moviepy: what stands still is drawn once, and only what moves again.

moviepy opens no file and starts no process here; the film's picture never passes through it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pipeline.review.figures import Figures
from pipeline.review.lanes import MISSED, Series, draw_strip
from pipeline.review.layout import Box, Layout
from pipeline.review.lettering import INK, Picture, words_picture
from pipeline.review.scored import Scored
from pipeline.review.sections import Section, messages, sections
from pipeline.review.span import Span

_PLAYHEAD_PX = 2


def compose_strip(scored: Scored, span: Span, lufs: Series | None, layout: Layout) -> Any:
    """The strip as a moviepy clip of [strip_px, width_px, 3] pictures; its time 0 is the stretch's first picture.

    lufs: [K] short-term loudness, a tenth of a second of the stretch each; None where there is no sound.
    """
    from moviepy import CompositeVideoClip, ImageClip

    figures = Figures(scored, span, lufs, layout)
    parts = sections(scored, span)
    layers = [
        ImageClip(draw_strip(scored, span, lufs, layout), duration=span.duration_s),
        *(layer for part in parts for layer in _named(part, span, layout)),
        *_messages(scored, span, layout),
        _changing(figures.count, layout.counter, span),
        _changing(figures.timecode, layout.timecode, span),
        _changing(figures.hit, layout.hit, span),
        _changing(figures.clock, layout.clock, span),
        _changing(figures.feeling, layout.reading(layout.feeling), span),
        _changing(figures.loudness, layout.reading(layout.loudness), span),
        _changing(figures.ducking, layout.reading(layout.ducking), span),
        _playhead(span, layout),
    ]
    return CompositeVideoClip(layers, size=(layout.width_px, layout.strip_px), use_bgclip=True)


def _named(part: Section, span: Span, layout: Layout) -> list[Any]:
    """A section's words, and how far it is."""
    from moviepy import ColorClip

    start_s, duration_s = part.start_s - span.start_s, part.end_s - part.start_s
    layers = [
        _still(words_picture(part.title, _size(layout.title), layout.px(24), is_bold=True), layout.title, part, span),
        _still(words_picture(part.facts, _size(layout.facts), layout.px(15)), layout.facts, part, span),
    ]
    if part.cue is None:
        return layers
    cue, (_, top, width, height) = part.cue, layout.progress

    def place(time_s: float) -> tuple[int, int]:
        share = (part.start_s + time_s - cue.in_s) / cue.duration_s
        return round(width * share) - width, top

    bar = ColorClip((width, height), color=INK, duration=duration_s)
    return [*layers, bar.with_start(start_s).with_position(place)]


def _messages(scored: Scored, span: Span, layout: Layout) -> list[Any]:
    size = layout.px(14)
    return [
        _still(words_picture(line, _size(box), size, MISSED), box, part, span)
        for part, lines in messages(scored.shortfalls, span, size, layout.messages[0][2])
        for line, box in zip(lines, layout.messages, strict=False)
    ]


def _still(picture: Picture, box: Box, part: Section, span: Span) -> Any:
    """A picture that stands for as long as a section lasts."""
    from moviepy import ImageClip

    clip = ImageClip(picture, duration=part.end_s - part.start_s)
    return clip.with_start(part.start_s - span.start_s).with_position(box[:2])


def _changing(picture_at: Callable[[float], Picture], box: Box, span: Span) -> Any:
    """A box whose picture is asked for anew at every time of the stretch."""
    from moviepy import VideoClip

    return VideoClip(lambda time_s: picture_at(float(time_s)), duration=span.duration_s).with_position(box[:2])


def _playhead(span: Span, layout: Layout) -> Any:
    from moviepy import ColorClip

    (left, top, width, _), (_, low, _, height) = layout.cues, layout.ducking
    bar = ColorClip((layout.px(_PLAYHEAD_PX), low + height - top), color=np.array(INK), duration=span.duration_s)
    return bar.with_position(lambda time_s: (left + int(width * time_s / span.duration_s), top))


def _size(box: Box) -> tuple[int, int]:
    return box[2], box[3]
