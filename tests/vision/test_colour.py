from __future__ import annotations

import numpy as np
import pytest

from vision.colour import LOOK_NAMES, look_at


def look(rgb):
    return dict(zip(LOOK_NAMES, look_at(rgb), strict=True))


def two_halves(left, right, shape=(224, 398)):
    rgb = np.empty((*shape, 3), np.uint8)
    rgb[:, : shape[1] // 2], rgb[:, shape[1] // 2 :] = left, right
    return rgb


def test_colourfulness_is_that_of_hasler_and_suesstrunk():
    rgb = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    red, green, blue = rgb.astype(np.float64).transpose(2, 0, 1)
    rg, yb = red - green, (red + green) / 2 - blue
    expected = np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean())
    assert look(rgb)["colourfulness"] == pytest.approx(expected, rel=1e-4)


def test_a_grey_picture_has_no_colour_and_a_plain_one_no_contrast():
    assert look(two_halves((40,) * 3, (200,) * 3))["colourfulness"] == pytest.approx(0, abs=1e-3)
    assert look(np.full((224, 398, 3), 90, np.uint8))["contrast"] == pytest.approx(0, abs=1e-3)


def test_lightness_darkness_and_contrast_of_half_black_half_white():
    seen = look(two_halves((0,) * 3, (255,) * 3, shape=(100, 100)))
    # The black half reaches the edge and would be a bar, were it not for a line of light.
    assert seen == pytest.approx({"colourfulness": 0, "lightness": 1, "darkness": 0, "contrast": 0}, abs=1e-3)
    lined = two_halves((0,) * 3, (255,) * 3, shape=(100, 100))
    lined[:, 0] = 255
    seen = look(lined)
    assert (seen["lightness"], seen["darkness"]) == pytest.approx((0.51, 0.49), abs=0.01)
    assert seen["contrast"] == pytest.approx(0.5, abs=0.01)


def test_black_bars_are_not_part_of_the_picture():
    picture = two_halves((200, 120, 60), (60, 120, 200))
    boxed = np.zeros((300, 500, 3), np.uint8)
    boxed[38:262, 51:449] = picture
    assert look_at(boxed) == pytest.approx(look_at(picture), abs=0.02, rel=0.03)


def test_a_black_picture_can_be_looked_at():
    assert look(np.zeros((224, 126, 3), np.uint8)) == {
        "colourfulness": 0.0,
        "lightness": 0.0,
        "darkness": 1.0,
        "contrast": 0.0,
    }
