"""The noise levels a run visits."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from music_engine.ace_step.schedule import Schedule, chosen_schedule, flow_schedule
from scoring.errors import InputError

STEPS = st.integers(1, 200)
SIGMA_MAX = st.floats(0.05, 1.0)


def assert_falls_to_zero(schedule: Schedule) -> None:
    levels = schedule.sigmas
    assert levels.dtype == schedule.timesteps.dtype == torch.float32
    assert float(levels[-1]) == 0
    assert float(levels[0]) <= 1
    assert (levels[1:] <= levels[:-1]).all()
    assert torch.equal(schedule.timesteps, levels[:-1] * 1000)


@given(STEPS, SIGMA_MAX)
def test_the_levels_fall_to_zero_and_the_model_is_told_a_thousand_times_them(steps: int, sigma_max: float) -> None:
    schedule = flow_schedule(steps, sigma_max)
    assert_falls_to_zero(schedule)
    assert (schedule.sigmas[1:] < schedule.sigmas[:-1]).all()
    assert len(schedule.timesteps) == schedule.steps == schedule.calls == steps


@given(STEPS)
def test_a_run_from_pure_noise_begins_at_one(steps: int) -> None:
    assert float(flow_schedule(steps).sigmas[0]) == 1


@given(st.integers(2, 200))
def test_the_last_level_before_zero_is_the_lowest_trained_one_shifted_again(steps: int) -> None:
    assert float(flow_schedule(steps).timesteps[-1]) == pytest.approx(8.9286, abs=1e-4)


def test_ten_steps_are_the_published_ones() -> None:
    published = [1000, 960.13, 913.35, 857.69, 790.37, 707.28, 602.15, 464.88, 278.05, 8.9286]
    assert flow_schedule(10).timesteps.tolist() == pytest.approx(published, abs=5e-3)


@given(SIGMA_MAX)
def test_a_lowered_run_begins_above_the_level_its_reference_is_mixed_to(sigma_max: float) -> None:
    schedule = flow_schedule(5, sigma_max)
    assert schedule.start_sigma == pytest.approx(3 * sigma_max / (1 + 2 * sigma_max), abs=1e-6)
    assert float(schedule.sigmas[0]) >= schedule.start_sigma - 1e-6


@given(STEPS, SIGMA_MAX)
def test_twice_visits_every_level_but_the_first_as_an_end_and_as_a_beginning(steps: int, sigma_max: float) -> None:
    plain = flow_schedule(steps, sigma_max)
    twice = plain.twice()
    assert_falls_to_zero(twice)
    assert twice.calls == 2 * steps - 1
    assert twice.steps == steps
    assert twice.calls_per_step == 2
    assert torch.equal(twice.sigmas.unique(), plain.sigmas.unique())
    assert torch.equal(twice.sigmas[1:-1:2], twice.sigmas[2::2][: steps - 1])


@given(st.sets(st.integers(1, 200), min_size=1, max_size=20), SIGMA_MAX)
def test_chosen_steps_fall_to_zero_and_are_shifted_once_more(numbers: set[int], sigma_max: float) -> None:
    chosen = sorted(numbers)
    schedule, full = chosen_schedule(chosen, sigma_max), flow_schedule(chosen[-1], sigma_max)
    assert_falls_to_zero(schedule)
    assert schedule.steps == len(chosen)
    once_less = full.sigmas[torch.tensor(chosen) - 1]
    torch.testing.assert_close(schedule.sigmas[:-1], 3 * once_less / (1 + 2 * once_less), atol=1e-6, rtol=0)


@pytest.mark.parametrize("numbers", [[], [0, 3], [-1], [3, 2], [2, 2]])
def test_chosen_steps_that_do_not_rise_from_one_are_refused(numbers: list[int]) -> None:
    with pytest.raises(InputError, match="chosen sampler steps"):
        chosen_schedule(numbers)


@pytest.mark.parametrize("steps", [0, -3])
def test_no_steps_are_refused(steps: int) -> None:
    with pytest.raises(InputError, match=f"is {steps}"):
        flow_schedule(steps)
