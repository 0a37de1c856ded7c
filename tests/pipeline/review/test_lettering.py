from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.review.lettering import INK, PAPER, paint_words, shortened, width_px, wrapped


@settings(max_examples=40, deadline=None)
@given(words=st.text(min_size=1, max_size=80), room_px=st.integers(60, 600))
def test_words_are_shortened_until_they_fit(words: str, room_px: int) -> None:
    shown = shortened(words, 16, room_px)
    assert width_px(shown, 16) <= room_px or len(shown) <= 3
    assert shown == words or "…" in shown


@settings(max_examples=30, deadline=None)
@given(words=st.lists(st.text("abcdefgh", min_size=1, max_size=30), min_size=1, max_size=40))
def test_a_text_on_two_lines_fits_and_loses_nothing_that_has_room(words: list[str]) -> None:
    text = " ".join(words)
    lines = wrapped(text, 14, 500, 2)
    assert 1 <= len(lines) <= 2
    assert all(width_px(line, 14) <= 500 for line in lines)
    assert " ".join(lines) == text or any("…" in line for line in lines)


def test_letters_are_light_on_dark_and_keep_to_their_box() -> None:
    picture = paint_words("1M2 tense, Ägypten · ♭ →", (400, 30), 24, is_bold=True)
    assert picture.shape == (30, 400, 3)
    assert np.median(picture, axis=(0, 1)).tolist() == list(PAPER)
    assert picture.max(axis=(0, 1)).tolist() == list(INK)
    assert (picture[[0, -1]] == PAPER).all()


@pytest.mark.parametrize("words", ["湖边的告别", "\ue123\x07", "🎬", ""])
def test_what_no_font_has_is_drawn_all_the_same(words: str) -> None:
    picture = paint_words(words, (200, 30), 20)
    assert (picture != PAPER).any() == bool(words)


def test_words_stand_at_the_side_that_was_asked_for() -> None:
    places = {}
    for side in ("left", "middle", "right"):
        columns = np.flatnonzero((paint_words("bar", (300, 30), 20, side=side) != PAPER).any(axis=(0, 2)))  # type: ignore[arg-type]
        places[side] = columns.mean()
    assert places["left"] < 40
    assert abs(places["middle"] - 150) < 4
    assert places["right"] > 260
