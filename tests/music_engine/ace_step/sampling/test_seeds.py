"""One seed per item."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music_engine.ace_step.sampling.seeds import item_seeds
from scoring.errors import InputError


@pytest.mark.parametrize(
    ("given_seeds", "expected"),
    [
        (7, [7, 7, 7]),
        ("7", [7, 7, 7]),
        ("1,2,3", [1, 2, 3]),
        ("1, 2", [1, 2, 2]),
        ([5, 6], [5, 6, 6]),
        ((1, 2, 3, 4), [1, 2, 3]),
        (None, [100, 100, 100]),
    ],
)
def test_every_item_gets_a_seed(given_seeds: int | str | Sequence[int] | None, expected: list[int]) -> None:
    assert item_seeds(given_seeds, 3, lambda: 100) == expected


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1), st.integers(1, 20))
def test_the_last_seed_repeats(seeds: list[int], items: int) -> None:
    found = item_seeds(seeds, items, lambda: 0)
    assert found == [seeds[min(item, len(seeds) - 1)] for item in range(items)]
    assert found == item_seeds(", ".join(map(str, seeds)), items, lambda: 0)


@pytest.mark.parametrize("wrong", [-1, "-1", "x", "", [], 2**32, "1;2"])
def test_what_is_no_seed_is_refused(wrong: int | str | Sequence[int]) -> None:
    with pytest.raises(InputError, match="seeds are"):
        item_seeds(wrong, 2, lambda: 0)
