from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sound.automation import DEEPEST_DB, RATE_HZ, Duck, automate, joined
from scoring.timebase import TimeRange


def at(curve: np.ndarray, time_s: float) -> float:
    return float(curve[round(time_s * RATE_HZ)])


def test_the_music_is_down_from_the_first_syllable_on_holds_and_comes_back() -> None:
    curve = automate(20.0, [Duck(TimeRange(5.0, 8.0), 12.0)]).gain_db
    assert at(curve, 4.79) == 0.0  # it begins to fall 200 ms ahead and takes 250 ms
    assert at(curve, 5.06) == pytest.approx(-12.0, abs=0.1)
    assert at(curve, 8.59) == pytest.approx(-12.0, abs=0.1)  # held 600 ms
    assert at(curve, 9.05) == pytest.approx(-6.0, abs=0.3)  # half-way up 900 ms
    assert at(curve, 9.6) == 0.0


def test_short_gaps_stay_down_and_gaps_of_three_seconds_swell_back() -> None:
    near = automate(30.0, [Duck(TimeRange(5, 7), 10.0), Duck(TimeRange(9.5, 12), 14.0)]).gain_db
    assert near[506 : 12 * RATE_HZ].max() <= -9.9
    far = automate(30.0, [Duck(TimeRange(5, 7), 10.0), Duck(TimeRange(11.0, 12), 14.0)]).gain_db
    assert far[7 * RATE_HZ : 11 * RATE_HZ].max() == 0.0


def test_a_muted_stretch_is_silent_and_faded_on_both_sides() -> None:
    plan = automate(20.0, [], [TimeRange(5.0, 10.0)])
    gain = plan.linear(0, 20 * 48_000)
    assert np.all(gain[5 * 48_000 : 10 * 48_000] == 0)
    assert gain[int(3.9 * 48_000)] == 1.0
    assert np.abs(np.diff(gain)).max() < 1e-3  # no step that clicks


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 50), st.floats(0.1, 5), st.floats(0, DEEPEST_DB)), max_size=8),
    st.floats(1.0, 60.0),
)
def test_any_plan_stays_between_its_deepest_duck_and_nothing(
    rows: list[tuple[float, float, float]], end_s: float
) -> None:
    ducks, last_s = [], 0.0
    for gap_s, length_s, depth_db in rows:
        ducks.append(Duck(TimeRange(last_s + gap_s, last_s + gap_s + length_s), depth_db))
        last_s += gap_s + length_s
    plan = automate(end_s, ducks)
    deepest = max((duck.depth_db for duck in joined(ducks)), default=0.0)
    assert plan.gain_db.max(initial=0.0) <= 0.0
    assert plan.gain_db.min(initial=0.0) >= -deepest - 1e-3
    assert plan.linear(0, 100).shape == (100,)
