from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.review.layout import Box, Layout

HEIGHTS = st.integers(240, 720).map(lambda half: 2 * half)


def strip_boxes(layout: Layout) -> dict[str, Box]:
    lanes = {name: getattr(layout, name) for name in ("cues", "feeling", "loudness", "ducking")}
    rows = {name: getattr(layout, name) for name in ("title", "counter", "timecode", "facts", "hit", "clock")}
    sides = ("reading", "label")
    beside = {f"{name} {side}": getattr(layout, side)(lane) for name, lane in lanes.items() for side in sides}
    return {**lanes, **rows, **beside, "first message": layout.messages[0], "second message": layout.messages[1]}


@given(height_px=HEIGHTS)
def test_everything_stands_inside_the_strip(height_px: int) -> None:
    layout = Layout(height_px)
    assert layout.width_px % 2 == layout.strip_px % 2 == layout.above_px % 2 == 0
    assert layout.width_px / height_px == pytest.approx(16 / 9, rel=0.01)
    for name, (left, top, width, height) in strip_boxes(layout).items():
        assert min(left, top) >= 0, name
        assert min(width, height) > 0, name
        assert left + width <= layout.width_px, name
        assert top + height <= layout.strip_px, name


@pytest.mark.parametrize("height_px", [480, 720, 1080, 1440])
def test_no_row_stands_on_another(height_px: int) -> None:
    layout = Layout(height_px)
    boxes = {name: box for name, box in strip_boxes(layout).items() if "label" not in name and "reading" not in name}
    for name, (left, top, width, height) in boxes.items():
        for other, (x, y, w, h) in boxes.items():
            apart = left + width <= x or x + w <= left or top + height <= y or y + h <= top
            assert name == other or apart, (name, other)


@given(height_px=HEIGHTS, width=st.integers(16, 8000), height=st.integers(16, 8000))
def test_a_film_of_any_shape_fits_above_the_strip(height_px: int, width: int, height: int) -> None:
    layout = Layout(height_px)
    left, top, wide, high = layout.film_box(width, height)
    assert min(left, top) >= 0
    assert left + wide <= layout.width_px
    assert top + high <= layout.above_px
    assert wide % 2 == high % 2 == 0
    assert layout.width_px - wide <= 2 or layout.above_px - high <= 2
