"""The shift, and the table the model was trained on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music_engine.ace_step.schedule import shifted, training_sigmas

LEVEL = st.floats(0, 1)


@given(LEVEL)
def test_the_shift_moves_every_level_towards_noise_and_keeps_the_ends(sigma: float) -> None:
    assert sigma - 1e-12 <= shifted(sigma) <= 1 + 1e-12
    assert shifted(0.0) == 0
    assert shifted(1.0) == 1


@given(LEVEL, LEVEL)
def test_the_shift_keeps_the_order(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert shifted(low) <= shifted(high)


def test_the_training_table_has_a_thousand_falling_levels_that_are_shifted_once() -> None:
    table = training_sigmas()
    assert len(table) == 1000
    assert (table[1:] < table[:-1]).all()
    assert float(table[0]) == 1
    assert float(table[-1]) == pytest.approx(0.0029940, abs=1e-7)
    assert float(table[500]) == pytest.approx(3 * 0.5 / 2, abs=1e-3)
