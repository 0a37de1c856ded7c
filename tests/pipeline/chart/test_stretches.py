"""Moods over time as stretches long enough to read."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.chart.stretches import MOST, Stretch, leading
from scoring.analysis import Cut, Shots

NAMES = ("calm", "tense", "happy")


def probabilities(*leaders: int, share: float = 0.8) -> np.ndarray:
    """[T, 3]: each row's leader has the share, the others the rest between them."""
    rows = np.full((len(leaders), 3), (1.0 - share) / 2)
    rows[np.arange(len(leaders)), leaders] = share
    return rows


def lead(*leaders: int, duration_s: float | None = None, cuts_s: tuple[float, ...] = ()) -> list[tuple]:
    times_s = np.arange(len(leaders)) * 0.5
    length_s = len(leaders) * 0.5 if duration_s is None else duration_s
    shots = Shots(length_s, tuple(Cut(t, "cut", 1.0) for t in cuts_s), (0.0,) * (len(cuts_s) + 1))
    found = leading(times_s, probabilities(*leaders), NAMES, shots)
    return [(s.name, s.start_s, s.end_s) for s in found]


def test_a_change_begins_with_the_first_value_that_is_led_by_another() -> None:
    assert lead(*[0] * 6, *[1] * 4) == [("calm", 0.0, 3.0), ("tense", 3.0, 5.0)]


def test_a_change_that_a_cut_explains_begins_with_the_cut() -> None:
    assert lead(*[0] * 6, *[1] * 4, cuts_s=(2.7,)) == [("calm", 0.0, 2.7), ("tense", 2.7, 5.0)]


def test_what_leads_for_less_than_two_seconds_joins_the_likelier_neighbour() -> None:
    assert [name for name, *_ in lead(*[0] * 6, 2, 2, *[1] * 6)] == ["calm", "tense"]
    assert lead(*[0] * 6, 2, 2, *[0] * 6) == [("calm", 0.0, 7.0)]
    times_s, rows = np.arange(14) * 0.5, probabilities(*[0] * 6, 2, 2, *[1] * 6)
    rows[6:8] = (0.05, 0.35, 0.6)  # the short stretch is nearly tense
    found = leading(times_s, rows, NAMES, Shots(7.0, (), (0.0,)))
    assert [(s.name, s.start_s) for s in found] == [("calm", 0.0), ("tense", 3.0)]


def test_a_film_shorter_than_the_shortest_stretch_is_one() -> None:
    assert lead(2, duration_s=0.3) == [("happy", 0.0, 0.3)]


def test_the_share_is_the_mean_probability_weighted_by_time() -> None:
    rows = np.array([(0.6, 0.2, 0.2), (0.9, 0.05, 0.05)])
    (only,) = leading(np.array([0.0, 1.0]), rows, NAMES, Shots(4.0, (), (0.0,)))
    assert only == Stretch("calm", 0.0, 4.0, pytest.approx((0.6 * 1 + 0.9 * 3) / 4))


def test_without_names_there_is_nothing_to_lead() -> None:
    assert leading(np.arange(4.0), np.zeros((0, 0)), (), Shots(4.0, (), (0.0,))) == ()


@given(
    leaders=st.lists(st.integers(0, 2), min_size=1, max_size=3000),
    rate_hz=st.sampled_from([0.5, 2.0, 4.0]),
    cuts=st.lists(st.floats(0.01, 0.99), max_size=20, unique=True),
)
def test_stretches_cover_the_film_without_gaps_and_none_is_too_short(
    leaders: list[int], rate_hz: float, cuts: list[float]
) -> None:
    duration_s = len(leaders) / rate_hz
    shots = Shots(duration_s, tuple(Cut(c * duration_s, "cut", 1.0) for c in sorted(cuts)), (0.0,) * (len(cuts) + 1))
    found = leading(np.arange(len(leaders)) / rate_hz, probabilities(*leaders), NAMES, shots)
    assert (found[0].start_s, found[-1].end_s) == (0.0, duration_s)
    assert all(before.end_s == after.start_s for before, after in pairwise(found))
    assert all(before.name != after.name for before, after in pairwise(found))
    assert all(0.0 < stretch.share <= 1.0 for stretch in found)
    if len(found) > 1:
        assert min(stretch.length_s for stretch in found) >= max(2.0, duration_s / MOST) - 1e-6
