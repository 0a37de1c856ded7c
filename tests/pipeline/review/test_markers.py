from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.review.lanes import LANDED, MISSED, UNKNOWN
from pipeline.review.layout import Layout
from pipeline.review.markers import PUNCH_S, STREAMER_S, Markers
from pipeline.review.scored import Landing

LAYOUT = Layout(720)
BOX = LAYOUT.film_box(4, 3)


def painted(time_s: float, *hits: Landing) -> np.ndarray:
    """The upper part, grey before, after the markers of a time."""
    picture = np.full((LAYOUT.above_px, LAYOUT.width_px, 3), 128, np.uint8)
    Markers(hits, BOX, LAYOUT).paint(picture, time_s)
    return picture


def hit(time_s: float, landed: bool | None = True) -> Landing:
    return Landing(time_s, "cut", 0.8, landed, 10.0)


@settings(max_examples=60)
@given(ahead_s=st.floats(0.001, STREAMER_S - 0.001))
def test_a_line_runs_from_left_to_right_and_is_there_when_the_hit_strikes(ahead_s: float) -> None:
    picture = painted(10.0 - ahead_s, hit(10.0))
    columns = np.flatnonzero((picture != 128).any(axis=(0, 2)))
    left, _, width, _ = BOX
    assert columns.min() >= left
    assert columns.max() < left + width
    assert columns.size <= 7
    assert abs((columns.mean() - left) / width - (1 - ahead_s / STREAMER_S)) < 0.01


@pytest.mark.parametrize(("landed", "colour"), [(True, LANDED), (False, MISSED), (None, UNKNOWN)])
def test_a_ring_says_whether_the_hit_landed(landed: bool | None, colour: tuple[int, int, int]) -> None:
    picture = painted(10.0 + PUNCH_S / 2, hit(10.0, landed))
    assert (picture == colour).all(axis=2).any()
    changed = (picture != 128).any(axis=2)
    assert changed.mean() < 0.01
    rows, columns = np.nonzero(changed)
    left, top, width, height = BOX
    assert columns.max() < left + width
    assert abs(rows.mean() - (top + height / 2)) < 2


def test_nothing_stands_on_the_picture_long_before_and_after_a_hit() -> None:
    for time_s in (10.0 - STREAMER_S - 0.01, 10.0 + PUNCH_S + 0.01):
        assert (painted(time_s, hit(10.0)) == 128).all()
    assert (painted(5.0) == 128).all()


def test_every_hit_ahead_has_its_line() -> None:
    picture = painted(10.0, hit(10.5), hit(11.0), hit(11.5), hit(13.0))
    light = np.flatnonzero((picture[5] == 240).all(axis=1))
    assert np.sum(np.diff(light) > 1) + 1 == 3


def test_a_film_too_small_for_a_ring_has_none() -> None:
    layout = Layout(480)
    picture = np.full((layout.above_px, layout.width_px, 3), 128, np.uint8)
    Markers([hit(1.0)], layout.film_box(16, 4000), layout).paint(picture, 1.1)
    assert (picture == 128).all()
