"""Dissolves and fades of exactly known extent, over still and moving scenes, with and without grain."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.analysis import Cut
from vision.cuts import MIN_SHOT_S
from vision.gradual import find_gradual
from vision.pictures import COARSE_CELLS, LAGS, PictureTrack

FPS = 25
LENGTHS_S = (0.3, 0.6, 1.2, 2.0, 3.0)
SHOT = 40  # pictures of a shot that no change touches


def moving(studio, seed, kind):
    """picture(k) of a shot: a still scene, a slow pan, or something that wanders across it."""
    wide, scene = studio.scene(seed, wide=True), studio.scene(seed)

    def walk(k):
        picture, x = scene.copy(), (37 * seed + 2 * k) % 250
        picture[80:140, x : x + 30] = 30
        return picture

    return {"still": lambda k: scene, "pan": lambda k: studio.crop(wide, 10 + 0.5 * k), "walk": walk}[kind]


def film(studio, kind, movement, grain, seed):
    """Shots joined by changes of one kind, every length once: (pictures, [(start_s, end_s), …])."""
    rng = np.random.default_rng(seed)
    shots = [moving(studio, 100 * seed + number, movement) for number in range(len(LENGTHS_S) + 1)]
    blank = np.full((studio.rows, studio.columns), rng.choice([10.0, 245.0]))
    pictures, truth = [], []
    for number, shot in enumerate(shots):
        pictures += [shot(len(pictures) + k) for k in range(SHOT)]
        if number == len(LENGTHS_S):
            break
        steps = round(LENGTHS_S[(number + seed) % len(LENGTHS_S)] * FPS)
        truth.append((len(pictures) / FPS, (len(pictures) + steps) / FPS))
        for share in (np.arange(steps) + 1) / (steps + 1):
            a, b = shot(len(pictures)), shots[number + 1](len(pictures))
            if kind == "dissolve":
                pictures.append((1 - share) * a + share * b)
            else:
                side, strength = (a, 1 - 2 * share) if share < 0.5 else (b, 2 * share - 1)
                pictures.append(blank + strength * (side - blank))
    return [picture + rng.normal(0, grain, picture.shape) for picture in pictures] if grain else pictures, truth


def marks(found, truth, kind):
    """Right, missed, false: a report is right when it overlaps a change of its kind that no other report has taken."""
    left, false = list(truth), 0
    for cut in found:
        match = next((t for t in left if cut.kind == kind and cut.start_s < t[1] and t[0] < cut.end_s), None)
        if match:
            left.remove(match)
        else:
            false += 1
    return len(truth) - len(left), len(left), false


@pytest.mark.parametrize("kind", ["dissolve", "fade"])
@pytest.mark.parametrize("grain", [0, 6])
@pytest.mark.parametrize("movement", ["still", "pan", "walk"])
def test_changes_of_a_third_of_a_second_to_three_are_found_and_nothing_else(studio, kind, grain, movement):
    pictures, truth = film(studio, kind, movement, grain, seed=3)
    right, missed, false = marks(studio.gradual(pictures, fps=FPS), truth, kind)
    assert 2 * right / (2 * right + missed + false) >= 0.8


@pytest.mark.parametrize("kind", ["dissolve", "fade"])
def test_the_ends_of_a_change_over_still_scenes_are_right_to_a_tenth_of_its_length(studio, kind):
    pictures, truth = film(studio, kind, "still", 3, seed=4)
    found = studio.gradual(pictures, fps=FPS)
    assert len(found) == len(truth)
    for cut, (start_s, end_s) in zip(found, truth, strict=True):
        slack_s = 2 / FPS + 0.1 * (end_s - start_s)
        assert (cut.kind, cut.start_s, cut.end_s) == (
            kind, pytest.approx(start_s, abs=slack_s), pytest.approx(end_s, abs=slack_s)
        )  # fmt: skip
        assert cut.time_s == pytest.approx((start_s + end_s) / 2, abs=slack_s)


def test_a_fade_that_opens_the_film_counts_where_the_picture_is_fully_there(studio):
    pictures = [studio.scene(1) * min(1, k / 25) for k in range(100)]
    (fade,) = studio.gradual(pictures, fps=FPS)
    assert (fade.kind, fade.start_s) == ("fade", pytest.approx(0, abs=0.09))
    assert fade.time_s == fade.end_s == pytest.approx(1.0, abs=0.09)


def test_a_fade_that_closes_the_film_counts_where_the_picture_is_gone(studio):
    pictures = [studio.scene(1) * np.clip((75 - k) / 25, 0, 1) for k in range(100)]
    (fade,) = studio.gradual(pictures, fps=FPS)
    assert fade.start_s == pytest.approx(2.0, abs=0.09)
    assert fade.time_s == fade.end_s == pytest.approx(3.0, abs=0.09)


def test_a_fade_out_and_a_fade_in_long_after_are_two(studio):
    level = np.interp(np.arange(250), [50, 75, 150, 175], [1, 0, 0, 1])
    pictures = [studio.scene(1 + (k > 100)) * level[k] for k in range(250)]
    out, into = studio.gradual(pictures, fps=FPS)
    assert (out.time_s, into.time_s) == (pytest.approx(3.0, abs=0.09), pytest.approx(6.0, abs=0.09))


def test_a_dissolve_is_found_at_its_own_time_when_the_frame_rate_varies(studio):
    gaps_s = np.random.default_rng(4).choice([1 / 60, 1 / 24, 1 / 15], size=150)
    times_s = [0.0, *np.cumsum(gaps_s)[:-1].tolist()]
    shares = np.clip((np.array(times_s) - 2) / 1.5, 0, 1)
    pictures = [(1 - s) * studio.scene(1) + s * studio.scene(2) for s in shares]
    (found,) = studio.analyse(studio.frames(pictures, times_s=times_s)).shots.cuts
    assert (found.start_s, found.end_s) == (pytest.approx(2.0, abs=0.15), pytest.approx(3.5, abs=0.15))


def wall(studio):
    """A camera that pans from a scene onto a plain wall and back."""
    wide = studio.scene(5, wide=True)
    wide[:, 320:] = 90
    return [studio.crop(wide, 319 * np.sin(np.pi * k / 120)) for k in range(120)]


def zoom(studio):
    """A camera that closes in on the middle of a scene to twice its size."""
    wide = studio.scene(5, wide=True)
    widths = np.interp(np.arange(100), [20, 80], [640, 320]).astype(int)
    views = [wide[180 - w * 9 // 32 : 180 + w * 9 // 32, 320 - w // 2 : 320 + w // 2] for w in widths]
    return [cv2.resize(view, (320, 180), interpolation=cv2.INTER_AREA) for view in views]


def shaken(studio):
    wide, rng = studio.scene(5, wide=True), np.random.default_rng(0)
    return [studio.crop(wide, *(np.array([100, 90]) + rng.normal(0, 6, 2))) for _ in range(100)]


def lit(*levels):
    """A still scene under a light that goes through these levels, evenly."""
    course = np.interp(np.arange(100), np.linspace(0, 99, len(levels)), levels)
    return lambda studio: [scene * level for scene in (studio.scene(5),) for level in course]


def panned(*columns):
    """A camera that pans over a scene through these columns."""
    course = np.interp(np.arange(100), np.linspace(0, 99, len(columns)), columns)
    return lambda studio: [studio.crop(wide, x) for wide in (studio.scene(5, wide=True),) for x in course]


def grainy(studio):
    scene, rng = studio.scene(5), np.random.default_rng(0)
    return [scene + rng.normal(0, 20, scene.shape) for _ in range(100)]


def passed(studio):
    """Something as wide as half the picture goes by."""
    scene, x = studio.scene(5), np.arange(studio.columns)
    return [np.where(np.abs(x - (8 * k - 200)) < 80, 20.0, scene) for k in range(100)]


def shots(*seeds, black=()):
    """Twenty pictures of each scene, with hard cuts; black: which are none."""
    return lambda studio: [
        scene * (number not in black) for number, seed in enumerate(seeds) for scene in [studio.scene(seed)] * 20
    ]


NOT_GRADUAL: dict[str, Callable] = {
    "still": lit(1, 1),
    "pan": panned(2, 310),
    "pan that starts and stops": panned(10, 10, 260, 260),
    "pan onto a wall": wall,
    "zoom": zoom,
    "exposure": lit(0.5, 0.5, 1, 1),
    "lamp": lit(*[0.5] * 50, *[1] * 50),
    "flash": lambda studio: [np.full_like(s, 250) if 48 <= k < 51 else s for k, s in enumerate([studio.scene(5)] * 99)],
    "hard cuts": shots(5, 6, 7, 8),
    "cut to black and back": shots(5, 5, 6, 7, 8, black=(2,)),
    "something large that passes": passed,
    "grain": grainy,
    "a shaking camera": shaken,
}


@pytest.mark.parametrize("make", NOT_GRADUAL.values(), ids=NOT_GRADUAL.keys())
def test_what_is_no_gradual_change_is_not_reported(studio, make):
    assert studio.gradual(make(studio), fps=FPS) == []


def test_the_dissolve_of_the_demo_film_is_found_and_nothing_else_beside_it(studio):
    from pipeline.demo_film import DISSOLVE_S, picture_at

    pictures = [picture_at(8 + k / FPS)[::2, ::2].astype(float) @ (0.2126, 0.7152, 0.0722) for k in range(7 * FPS - 1)]
    (dissolve,) = studio.gradual(pictures, fps=FPS)
    assert dissolve.kind == "dissolve"
    assert (8 + dissolve.start_s, 8 + dissolve.end_s) == pytest.approx(DISSOLVE_S, abs=0.1)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 200), st.lists(st.floats(0.3, 7.5), max_size=4, unique=True))
def test_whatever_the_pictures_are_changes_lie_in_the_film_clear_of_cuts_and_of_each_other(seed, count, cut_times_s):
    rng = np.random.default_rng(seed)
    times_s = np.cumsum(rng.choice([0.02, 0.04, 0.3], count))
    knots = np.arange(0, count + 9, 9)
    steps = np.interp(np.arange(count), knots, rng.choice([0.0, 0.0, 1.0], len(knots)))
    coarse = rng.integers(0, 255, COARSE_CELLS) * steps[:, None]
    track = PictureTrack(
        times_s, *(np.zeros(count, np.float32),) * 2, (steps * 60).astype(np.float32),
        np.zeros((count, LAGS), np.float32), coarse.astype(np.uint8), (steps * 20).astype(np.float32),
        np.zeros(0), np.zeros(0), np.zeros(0, np.float32),
    )  # fmt: skip
    duration_s = float(times_s[-1]) + 0.04
    hard = [Cut(t, "cut", 1.0) for t in sorted(cut_times_s) if t < duration_s - MIN_SHOT_S]
    found = find_gradual(track, hard, duration_s)
    edges_s = np.array([0.0, *(cut.time_s for cut in hard), duration_s])
    until_s = 0.0
    for cut in found:
        assert until_s <= cut.start_s <= cut.time_s <= cut.end_s <= duration_s
        assert np.min(np.abs(edges_s - cut.time_s)) >= MIN_SHOT_S - 1e-9
        assert not np.any((edges_s > cut.start_s) & (edges_s < cut.end_s))
        until_s = cut.end_s
