from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest


def dissolve(a, b, length):
    """80 pictures that turn from a to b, beginning with picture 30."""
    shares = [min(max((index - 30) / length, 0), 1) for index in range(80)]
    return [a * (1 - share) + b * share for share in shares]


def fade_through_black(a, b, length):
    """80 pictures that go dark towards picture 40 and light up again as b."""
    return [(a if index < 40 else b) * min(1, abs(index - 40) / length) for index in range(80)]


def lit_up(a, first, length, light=250.0):
    """60 pictures of a, some of them white."""
    return [np.full_like(a, light) if first <= index < first + length else a for index in range(60)]


@pytest.fixture(scope="module")
def scenes(studio):
    return [studio.scene(seed) for seed in (1, 2, 3)]


def test_a_hard_cut_is_found_at_its_exact_picture(studio, scenes):
    assert studio.cut_frames([scenes[0]] * 31 + [scenes[1]] * 29) == [31]


@pytest.mark.parametrize("grain", [4, 10, 20, 30])
def test_a_cut_in_grain_is_found_and_nothing_else(studio, scenes, grain):
    rng = np.random.default_rng(0)
    pictures = [scenes[index >= 30] + rng.normal(0, grain, scenes[0].shape) for index in range(60)]
    assert studio.cut_frames(pictures) == [30]


def test_a_cut_between_two_dark_scenes_is_found(studio, scenes):
    assert studio.cut_frames([scenes[0] * 0.12] * 30 + [scenes[1] * 0.12] * 30) == [30]


def test_a_cut_seen_through_a_shaking_camera_is_found_and_nothing_else(studio):
    rng = np.random.default_rng(0)
    wide = [studio.scene(seed, wide=True) for seed in (1, 2)]
    pictures = [studio.crop(wide[index >= 45], *(np.array([100, 90]) + rng.normal(0, 3, 2))) for index in range(90)]
    assert studio.cut_frames(pictures) == [45]


def test_a_cut_blended_over_two_pictures_is_reported_once(studio, scenes):
    a, b, _ = scenes
    assert studio.cut_frames([a] * 30 + [(a + b) / 2] + [b] * 30) in ([30], [31])


def test_cuts_to_and_from_black_are_both_found(studio, scenes):
    black = np.full_like(scenes[0], 5)
    assert studio.cut_frames([scenes[0]] * 30 + [black] * 30 + [scenes[1]] * 30) == [30, 60]


def test_a_cut_hidden_behind_a_flash_is_reported_once(studio, scenes):
    white = np.full_like(scenes[0], 250)
    found = studio.cut_frames([scenes[0]] * 30 + [white] * 2 + [scenes[1]] * 30)
    assert found in ([30], [32])


def test_a_fast_montage_keeps_every_shot_of_a_quarter_second(studio):
    pictures = [studio.scene(10 + index // 8) for index in range(80)]
    assert studio.cut_frames(pictures) == list(range(8, 80, 8))


def test_shots_too_short_for_music_are_merged(studio):
    found = np.array(studio.cut_frames([studio.scene(10 + index // 3) for index in range(60)])) / 30
    assert np.all(np.diff(found) >= 0.2 - 1e-9)


def test_every_picture_of_a_slide_show_is_a_shot(studio):
    assert studio.cut_frames([studio.scene(30 + index) for index in range(8)], fps=1) == list(range(1, 8))


def test_animation_that_repeats_every_picture_keeps_its_cut(studio):
    wide = [studio.scene(seed, wide=True) for seed in (1, 2)]
    pictures = [studio.crop(wide[index >= 30], 10 + 4 * (index // 2)) for index in range(60)]
    assert studio.cut_frames(pictures) == [30]


def test_a_cut_is_found_at_its_own_time_when_the_frame_rate_varies(studio, scenes):
    gaps_s = np.random.default_rng(4).choice([1 / 60, 1 / 24, 1 / 15], size=60)
    times_s = [0.0, *np.cumsum(gaps_s)[:-1].tolist()]
    pictures = [scenes[index >= 33] for index in range(60)]
    cuts = studio.analyse(studio.frames(pictures, times_s=times_s)).shots.cuts
    assert [cut.time_s for cut in cuts] == [times_s[33]]


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda a, b: lit_up(a, 30, 1), id="flash of one picture"),
        pytest.param(lambda a, b: lit_up(a, 30, 4), id="flash of four pictures"),
        pytest.param(lambda a, b: [a + 90 * (index == 20) for index in range(60)], id="photo flash"),
        pytest.param(lambda a, b: [a if index // 3 % 2 else np.full_like(a, 250) for index in range(90)], id="strobe"),
        pytest.param(lambda a, b: [a * (0.6 if index < 30 else 1.1) for index in range(60)], id="lamp switched on"),
        pytest.param(lambda a, b: dissolve(a, b, 5), id="short dissolve"),
        pytest.param(lambda a, b: dissolve(a, b, 12), id="dissolve"),
        pytest.param(lambda a, b: dissolve(a, b, 30), id="long dissolve"),
        pytest.param(lambda a, b: fade_through_black(a, b, 6), id="short fade"),
        pytest.param(lambda a, b: fade_through_black(a, b, 24), id="long fade"),
        pytest.param(lambda a, b: [a] * 60, id="still"),
    ],
)
def test_what_is_not_a_hard_cut_is_not_reported(studio, scenes, make: Callable[..., list[np.ndarray]]):
    assert studio.cut_frames(make(*scenes[:2])) == []


@pytest.mark.parametrize("speed_px", [1, 3, 6])
def test_a_pan_is_not_a_cut(studio, speed_px):
    wide = studio.scene(1, wide=True)
    assert studio.cut_frames([studio.crop(wide, 2 + speed_px * index) for index in range(50)]) == []


def test_a_whip_pan_is_not_a_cut(studio):
    wide = studio.scene(1, wide=True)
    way = [2] * 20 + list(np.linspace(2, 310, 8)) + [310] * 20
    assert studio.cut_frames([studio.crop(wide, x) for x in way]) == []


def test_something_large_that_crosses_the_picture_is_not_a_cut(studio, scenes):
    def crossing(index):
        picture = scenes[0].copy()
        left = 40 * index - 500
        picture[30:150, max(0, left) : max(0, left + 100)] = 20
        return picture

    assert studio.cut_frames([crossing(index) for index in range(50)]) == []


def test_strength_is_within_bounds_and_larger_for_a_larger_change(studio, scenes):
    a, b, _ = scenes
    weak, strong = (
        studio.analyse(studio.frames([a * level] * 30 + [b * level] * 30)).shots.cuts[0].strength for level in (0.3, 1)
    )
    assert 0 < weak < strong <= 1
