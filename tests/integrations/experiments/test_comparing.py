from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binomtest, ttest_1samp, ttest_ind

from integrations.experiments.comparing import compare

STARS = st.lists(st.integers(1, 5), min_size=2, max_size=60)


@given(STARS, STARS)
def test_the_interval_is_scipys(a: list[int], b: list[int]) -> None:
    assume(len(set(a)) > 1 and len(set(b)) > 1)  # scipy warns where one does not vary
    found = compare(a, b)
    assert found is not None
    told = ttest_ind(b, a, equal_var=False)
    interval = told.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=1e-9)
    if abs(told.pvalue - 0.05) > 1e-9:
        assert found.excludes_zero == (told.pvalue < 0.05)


@given(st.integers(1, 5), st.integers(2, 60), STARS)
def test_one_row_that_does_not_vary_has_the_interval_of_the_other_alone(stars: int, count: int, b: list[int]) -> None:
    assume(len(set(b)) > 1)
    found = compare([stars] * count, b)
    assert found is not None
    interval = ttest_1samp(b, stars).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((interval.low - stars, interval.high - stars), abs=1e-9)


@given(STARS, STARS)
def test_the_other_way_round_it_is_the_same_with_the_sign_turned(a: list[int], b: list[int]) -> None:
    there, back = compare(a, b), compare(b, a)
    assert there is not None
    assert back is not None
    assert there.low is not None
    assert there.high is not None
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low))
    assert there.low <= there.mean <= there.high


def test_too_few_ratings_have_no_interval_and_ratings_that_do_not_vary_a_point() -> None:
    assert compare([], [5]) is None
    one = compare([3], [5, 5])
    assert one is not None
    assert (one.mean, one.low, one.excludes_zero) == (2, None, False)
    same = compare([4] * 50, [4] * 50)
    assert same is not None
    assert (same.low, same.high, same.excludes_zero) == (0, 0, False)
    apart = compare([4] * 50, [5] * 50)
    assert apart is not None
    assert (apart.low, apart.high, apart.excludes_zero) == (1, 1, True)


# Shares of 1..5 stars: usual, mostly fives, torn; and how many rated.
USUAL, FIVES, TORN = (0.05, 0.1, 0.25, 0.35, 0.25), (0.02, 0.03, 0.05, 0.2, 0.7), (0.35, 0.1, 0.1, 0.1, 0.35)


@pytest.mark.parametrize(
    ("a", "b", "n_a", "n_b"),
    [(USUAL, USUAL, 50, 50), (USUAL, FIVES, 50, 50), (TORN, FIVES, 50, 90), (FIVES, FIVES, 60, 50)],
)
def test_the_interval_holds_the_truth_about_95_times_in_100(
    a: tuple[float, ...], b: tuple[float, ...], n_a: int, n_b: int
) -> None:
    rng, draws, stars = np.random.default_rng(6), 1500, np.arange(1, 6)
    truth = float(stars @ np.subtract(b, a))
    held = 0
    for _ in range(draws):
        found = compare(rng.choice(stars, n_a, p=a).tolist(), rng.choice(stars, n_b, p=b).tolist())
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        held += found.low <= truth <= found.high
    assert binomtest(held, draws, 0.95).pvalue > 0.001, held / draws
