from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.formulas import COLOUR_NAMES, FORMULAS, measure

BY_NAME = {formula.name: formula for formula in FORMULAS}


def plain(red, green, blue):
    return measure(np.full((30, 40, 3), (red, green, blue), np.uint8))


def test_hsv_is_that_of_the_textbook():
    red = plain(255, 0, 0)
    assert (red["saturation"], red["brightness"]) == pytest.approx((1.0, 1.0), abs=1e-3)
    grey = plain(128, 128, 128)
    assert (grey["saturation"], grey["brightness"]) == pytest.approx((0.0, 128 / 255), abs=1e-3)


def test_cielab_of_red_is_that_of_the_tables():
    """sRGB red under D65: L* 53.24, a* 80.09, b* 67.20 (Lindbloom's tables)."""
    red = plain(255, 0, 0)
    found = (red["lab_lightness"], red["redness"], red["yellowness"])
    assert found == pytest.approx((53.24, 80.09, 67.20), abs=0.3)
    assert red["chroma"] == pytest.approx(np.hypot(80.09, 67.20), abs=0.3)


def test_valdez_and_mehrabian_on_plain_colours():
    red, grey = plain(255, 0, 0), plain(128, 128, 128)
    assert BY_NAME["Valdez-Mehrabian pleasure"].read(red) == pytest.approx(0.69 + 0.22, abs=2e-3)
    assert BY_NAME["Valdez-Mehrabian arousal"].read(red) == pytest.approx(-0.31 + 0.60, abs=2e-3)
    assert BY_NAME["Valdez-Mehrabian arousal"].read(grey) == pytest.approx(-0.31 * 128 / 255, abs=2e-3)


def test_ou_on_a_plain_grey_and_a_plain_red():
    grey, red = plain(119, 119, 119), plain(255, 0, 0)  # L* of 119 is 50.03
    assert grey["activity"] == pytest.approx(-1.1, abs=0.02)
    assert grey["warmth"] == pytest.approx(-0.5, abs=0.02)
    assert grey["heaviness"] == pytest.approx(-2.1 + 0.05 * 50, abs=0.02)
    chroma, hue = 104.55, np.radians(40.0)
    assert red["warmth"] == pytest.approx(-0.5 + 0.02 * chroma**1.07 * np.cos(hue - np.radians(50)), abs=0.02)
    assert red["activity"] == pytest.approx(-1.1 + 0.03 * np.hypot(chroma, 3.24 / 1.5), abs=0.02)


@pytest.mark.parametrize(
    ("name", "more", "less"),
    [
        ("Wilms-Oberfeld signs", (255, 60, 60), (90, 60, 60)),
        ("Ou warmth", (220, 90, 40), (40, 90, 220)),
        ("Ou lightness of weight", (220, 220, 220), (30, 30, 30)),
        ("Valdez-Mehrabian pleasure, CIELAB", (220, 220, 220), (30, 30, 30)),
        ("Valdez-Mehrabian arousal, CIELAB", (200, 0, 0), (128, 128, 128)),
    ],
)
def test_a_formula_points_where_its_source_says(name, more, less):
    assert BY_NAME[name].read(plain(*more)) > BY_NAME[name].read(plain(*less))


def test_a_picture_of_two_halves_is_more_colourful_and_has_a_higher_key_than_its_mean():
    halves = np.zeros((30, 40, 3), np.uint8)
    halves[:, :20], halves[:, 20:] = (250, 200, 60), (60, 40, 120)
    mean = plain(155, 120, 90)
    for name in ("Hasler-Suesstrunk colourfulness", "lighting key"):
        assert BY_NAME[name].read(measure(halves)) > BY_NAME[name].read(mean)


def test_every_formula_has_a_source_and_claims_an_axis():
    assert all(formula.source and formula.axes for formula in FORMULAS)
    assert {axis for formula in FORMULAS for axis in formula.axes} == {"valence", "arousal"}


@settings(max_examples=40, deadline=None)
@given(
    rows=st.integers(1, 140),
    columns=st.integers(1, 140),
    colours=st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=4),
)
def test_every_picture_has_finite_numbers(rows, columns, colours):
    picture = np.zeros((rows, columns, 3), np.uint8)
    for number, colour in enumerate(colours):
        picture[number :: len(colours)] = colour
    seen = measure(picture)
    assert set(COLOUR_NAMES) <= set(seen)
    assert np.all(np.isfinite([*seen.values(), *(formula.read(seen) for formula in FORMULAS)]))
