"""What stands on the film's picture itself: a line that runs towards each hit, and a ring when it strikes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pipeline.review.lanes import hit_colour
from pipeline.review.layout import Box, Layout
from pipeline.review.lettering import INK, PAPER, Picture
from pipeline.review.scored import Landing

STREAMER_S = 2.0  # the line crosses the picture in this time, as those drawn on film for conductors do
PUNCH_S = 0.24
_LINE, _RING, _STROKE = 3, 22, 5  # lines of 720: the line's width, the ring's radius and width


class Markers:
    """Paints the hits' markers. hits: in order. box: where the film's picture stands."""

    def __init__(self, hits: Sequence[Landing], box: Box, layout: Layout) -> None:
        self._hits = hits
        self._times_s = [hit.time_s for hit in hits]
        self._box = box
        self._line_px = layout.px(_LINE)
        self._ring = _ring(layout.px(_RING), layout.px(_STROKE))

    def paint(self, picture: Picture, time_s: float) -> None:
        """Paint what belongs to a film time over a picture, in place."""
        first, last = bisect_right(self._times_s, time_s), bisect_left(self._times_s, time_s + STREAMER_S)
        for hit in self._hits[first:last]:
            self._streamer(picture, 1 - (hit.time_s - time_s) / STREAMER_S)
        for hit in self._hits[bisect_right(self._times_s, time_s - PUNCH_S) : first]:
            self._punch(picture, hit)

    def _streamer(self, picture: Picture, share: float) -> None:
        """A light line with dark edges, so that it is seen on any picture."""
        left, top, width, height = self._box
        x, half = left + round(share * (width - 1)), self._line_px
        rows = picture[top : top + height]
        rows[:, max(left, x - half) : min(left + width, x + half + 1)] = PAPER
        rows[:, max(left, x - half // 2) : min(left + width, x + half // 2 + 1)] = INK

    def _punch(self, picture: Picture, hit: Landing) -> None:
        left, top, width, height = self._box
        stroke, edge = self._ring
        side = stroke.shape[0]
        if side > min(width, height):
            return
        y, x = top + (height - side) // 2, left + width - side
        place = picture[y : y + side, x : x + side]
        place[edge] = PAPER
        place[stroke] = hit_colour(hit.landed)


@cache
def _ring(radius_px: int, stroke_px: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """A ring and the dark edge around it, as masks."""
    middle = radius_px + 2
    y, x = np.mgrid[: 2 * middle + 1, : 2 * middle + 1] - middle
    distance = np.hypot(x, y)
    stroke = (distance <= radius_px) & (distance > radius_px - stroke_px)
    edge = (distance <= radius_px + 2) & (distance > radius_px - stroke_px - 2)
    return stroke, edge
