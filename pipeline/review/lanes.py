"""The lanes of the strip, drawn once: cues, feeling, hits, loudness and ducking over the stretch that is reviewed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.chart.palette import Colour, ink_on, mood_colour, rgb
from pipeline.review.layout import Box, Layout
from pipeline.review.lettering import FAINT, INK, LINE, PAPER, Picture, Shade, draw_words, shortened
from pipeline.review.meter import STEPS_PER_S
from pipeline.review.scored import Scored
from pipeline.review.span import Span

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

Series = NDArray[np.floating]

# Okabe and Ito's colours again, those of their eight that read well on dark.
VALENCE, AROUSAL, TENSION = (86, 180, 233), (230, 159, 0), (150, 156, 166)
LANDED, MISSED, UNKNOWN = (0, 200, 140), (240, 110, 40), (240, 228, 66)
LOUD, DUCKED, CUT = (62, 96, 130), (204, 121, 167), (84, 90, 100)
BELOW_TARGET_LU, ABOVE_TARGET_LU = 14.0, 8.0  # the loudness lane's ends
USUAL_TARGET_LUFS = -16.0  # the lane's middle where no standard is known
DEEPEST_DB = 24.0  # the ducking lane's end
_FINE = 3  # lines are drawn this much larger, then brought down: smooth edges


@dataclass(frozen=True, slots=True)
class Axis:
    """Film time along a lane."""

    box: Box
    span: Span

    def x(self, time_s: float) -> float:
        """Pixels from the strip's left edge."""
        return self.box[0] + self.box[2] * (time_s - self.span.start_s) / self.span.duration_s

    def times_s(self) -> Series:
        """[width] the film time of each column's middle."""
        return self.span.start_s + (np.arange(self.box[2]) + 0.5) / self.box[2] * self.span.duration_s


def hit_colour(landed: bool | None) -> Shade:
    """What a hit is drawn in: landed, missed, not known."""
    return UNKNOWN if landed is None else LANDED if landed else MISSED


def draw_strip(scored: Scored, span: Span, lufs: Series | None, layout: Layout) -> Picture:
    """The strip without anything that moves, [strip_px, width_px, 3]. lufs: [K] tenths of a second of the stretch."""
    from PIL import Image, ImageDraw

    size = layout.width_px, layout.strip_px
    fine = Image.new("RGB", (size[0] * _FINE, size[1] * _FINE), PAPER)
    draw = ImageDraw.Draw(fine)
    _draw_cues(draw, scored, Axis(layout.cues, span))
    _draw_feeling(draw, scored, Axis(layout.feeling, span), layout)
    _draw_loudness(draw, lufs, scored.target_lufs, Axis(layout.loudness, span))
    _draw_ducking(draw, scored, Axis(layout.ducking, span))
    strip = fine.resize(size, Image.Resampling.BOX)
    _letter(ImageDraw.Draw(strip), scored, span, lufs, layout)
    return np.asarray(strip)


def _draw_cues(draw: ImageDraw, scored: Scored, axis: Axis) -> None:
    _ground(draw, axis.box)
    for cue in scored.sheet.cues:
        edges = _between(axis, cue.in_s, cue.out_s)
        if edges is not None:
            _fill(draw, (edges[0] + 1, axis.box[1], edges[1], axis.box[1] + axis.box[3]), _shade(mood_colour(cue.mood)))


def _draw_feeling(draw: ImageDraw, scored: Scored, axis: Axis, layout: Layout) -> None:
    left, top, width, height = axis.box
    _ground(draw, axis.box)
    for cut_s in scored.cuts_s:
        if axis.span.start_s <= cut_s < axis.span.end_s:
            _line(draw, [(axis.x(cut_s), top), (axis.x(cut_s), top + height)], CUT, 1)
    _line(draw, [(left, top + height / 2), (left + width, top + height / 2)], LINE, 1)
    curve = scored.curve
    if curve is not None and len(curve.times_s):
        columns = axis.times_s()
        for name, colour, wide in (("tension", TENSION, 1.2), ("arousal", AROUSAL, 2.0), ("valence", VALENCE, 2.0)):
            values = np.interp(columns, curve.times_s, getattr(curve, name))
            y = top + height / 2 - np.clip(values, -1, 1) * (height / 2 - layout.px(3))
            _line(draw, list(zip(left + np.arange(width) + 0.5, y, strict=True)), colour, layout.px(wide))
    side = layout.px(5)
    for hit in scored.hits:
        if axis.span.start_s <= hit.time_s < axis.span.end_s:
            x = axis.x(hit.time_s)
            corners = [(x - side, top), (x + side, top), (x, top + 1.6 * side)]
            draw.polygon([(a * _FINE, b * _FINE) for a, b in corners], fill=hit_colour(hit.landed), outline=PAPER)


def _draw_loudness(draw: ImageDraw, lufs: Series | None, target_lufs: float | None, axis: Axis) -> None:
    left, top, width, height = axis.box
    _ground(draw, axis.box)
    place = _loudness_place(axis.box, target_lufs)
    if lufs is not None:
        at = np.clip((axis.times_s() - axis.span.start_s) * STEPS_PER_S, 0, lufs.size - 1).astype(np.intp)
        for column, value in enumerate(lufs[at]):
            _fill(draw, (left + column, place(float(value)), left + column + 1, top + height), LOUD)
    if target_lufs is not None:
        y = place(target_lufs)
        _line(draw, [(left, y), (left + width, y)], INK, 1)


def _draw_ducking(draw: ImageDraw, scored: Scored, axis: Axis) -> None:
    left, top, _, height = axis.box
    _ground(draw, axis.box)
    if scored.gain is None:
        return
    edges_s = np.linspace(axis.span.start_s, axis.span.end_s, axis.box[2] + 1)
    for column, (begin_s, end_s) in enumerate(pairwise(edges_s)):
        depth = min(1.0, -gain_at(scored, float(begin_s), float(end_s)) / DEEPEST_DB)
        if depth > 0:
            _fill(draw, (left + column, top, left + column + 1, top + height * depth), DUCKED)


def gain_at(scored: Scored, begin_s: float, end_s: float) -> float:
    """The lowest gain laid over the music from one film time to another, dB, 0 or less."""
    from pipeline.sound.automation import RATE_HZ

    assert scored.gain is not None
    curve = scored.gain.gain_db
    first = min(curve.size - 1, int(begin_s * RATE_HZ))
    return float(curve[first : max(first + 1, int(end_s * RATE_HZ))].min())


def _loudness_place(box: Box, target_lufs: float | None) -> Callable[[float], float]:
    middle = USUAL_TARGET_LUFS if target_lufs is None else target_lufs
    low, high = middle - BELOW_TARGET_LU, middle + ABOVE_TARGET_LU
    return lambda lufs: box[1] + box[3] * (1 - min(1.0, max(0.0, (lufs - low) / (high - low))))


def _letter(draw: ImageDraw, scored: Scored, span: Span, lufs: Series | None, layout: Layout) -> None:
    """The lanes' names, the cues' names where they fit, and why a lane is empty."""
    size = layout.px(13)
    for lane, name in (
        (layout.cues, "cues"),
        (layout.feeling, "feeling, hits"),
        (layout.loudness, "loudness"),
        (layout.ducking, "ducking"),
    ):
        left, top, width, height = layout.label(lane)
        draw_words(draw, name, (left + width, top + height / 2), size, FAINT, side="right")
    axis = Axis(layout.cues, span)
    for cue in scored.sheet.cues:
        edges = _between(axis, cue.in_s, cue.out_s)
        if edges is None:
            continue
        colour, room = mood_colour(cue.mood), edges[1] - edges[0] - layout.px(8)
        name = shortened(f"{cue.id.upper()} {cue.mood}".strip(), layout.px(12), room)
        if room > layout.px(24):
            ink = _shade(rgb(ink_on(colour)))
            middle = (sum(edges) / 2, axis.box[1] + axis.box[3] / 2)
            draw_words(draw, name, middle, layout.px(12), ink, side="middle")
    empty = [
        (layout.feeling, scored.curve is None, "not known: the workspace has no analysis.json that can be read"),
        (layout.loudness, lufs is None, "the film has no sound"),
        (layout.ducking, scored.gain is None, "not known"),
    ]
    for lane, is_empty, why in empty:
        if is_empty:
            draw_words(draw, why, (lane[0] + layout.px(8), lane[1] + lane[3] / 2), layout.px(12), FAINT)


def _between(axis: Axis, start_s: float, end_s: float) -> tuple[float, float] | None:
    """Where a stretch lies in the lane; None outside."""
    low, high = max(start_s, axis.span.start_s), min(end_s, axis.span.end_s)
    return (axis.x(low), axis.x(high)) if low < high else None


def _ground(draw: ImageDraw, box: Box) -> None:
    left, top, width, height = box
    _fill(draw, (left, top, left + width, top + height), (32, 35, 41))


def _fill(draw: ImageDraw, edges: tuple[float, float, float, float], colour: Shade) -> None:
    """edges: left, top, right, bottom; right and bottom are outside."""
    left, top, right, bottom = (round(edge * _FINE) for edge in edges)
    if right > left and bottom > top:
        draw.rectangle((left, top, right - 1, bottom - 1), fill=colour)


def _line(draw: ImageDraw, points: Sequence[tuple[float, float]], colour: Shade, width_px: float) -> None:
    draw.line([(x * _FINE, y * _FINE) for x, y in points], fill=colour, width=round(width_px * _FINE), joint="curve")


def _shade(colour: Colour) -> Shade:
    return tuple(round(255 * share) for share in colour)  # type: ignore[return-value]
