from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.affect.agreement import PERMUTATIONS, agree, pearson, shift_null

NUMBERS = st.lists(st.floats(-100, 100).map(lambda x: round(x, 3)), min_size=3, max_size=30)


def grouped(themes=60, each=4, r=0.5, seed=0):
    """Scores and ratings that agree by r between themes and go together within each."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, themes))
    scores, ratings = np.repeat(a, each), np.repeat(r * a + np.sqrt(1 - r**2) * b, each)
    return scores, ratings, [f"theme {number // each}" for number in range(themes * each)]


@settings(max_examples=80, deadline=None)
@given(a=NUMBERS, data=st.data())
def test_r_is_between_minus_one_and_one_and_does_not_mind_scale(a, data):
    b = np.array(data.draw(st.lists(st.floats(-100, 100), min_size=len(a), max_size=len(a))))
    a = np.array(a)
    assert -1 <= pearson(a, b) <= 1
    if np.std(a) > 1e-2 and np.std(b) > 1e-2:
        assert pearson(a, b) == pytest.approx(np.corrcoef(a, b)[0, 1], abs=1e-6)
        assert pearson(3 * a + 7, b) == pytest.approx(pearson(a, b), abs=1e-6)


def test_what_never_varies_agrees_with_nothing():
    assert pearson(np.full(5, 0.1), np.arange(5.0)) == 0.0


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    found = [agree(*grouped(r=0.4, seed=seed), seed=0) for seed in range(60)]
    assert 0.85 < np.mean([a.low <= 0.4 <= a.high for a in found]) <= 1.0


def test_pictures_of_one_theme_do_not_make_the_interval_narrower():
    scores, ratings, themes = grouped()
    grouped_width, single_width = (
        (found := agree(scores, ratings, names, 0)).high - found.low
        for names in (themes, [str(number) for number in range(len(themes))])
    )
    assert grouped_width > 1.5 * single_width


def test_ratings_of_other_themes_stay_below_chance_about_95_times_in_100():
    over = [(found := agree(*grouped(r=0.0, seed=seed), seed=1)).r > found.chance for seed in range(100)]
    assert sum(over) <= 12


def test_the_same_seed_says_the_same():
    assert agree(*grouped(), seed=3) == agree(*grouped(), seed=3)
    assert agree(*grouped(), seed=3) != agree(*grouped(), seed=4)


def test_shifts_leave_neighbours_out_and_are_all_of_them_when_they_are_few():
    rng = np.random.default_rng(0)
    assert len(shift_null(np.arange(50.0), np.arange(50.0), 10, rng)) == 31
    assert len(shift_null(np.arange(50.0), np.arange(50.0), 26, rng)) == 0
    assert len(shift_null(rng.normal(size=2000), rng.normal(size=2000), 10, rng)) == PERMUTATIONS
    slow = np.sin(np.arange(400) / 400 * 2 * np.pi)
    assert np.max(shift_null(slow, slow, 100, rng)) < 0.05
