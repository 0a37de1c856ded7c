"""Solvers."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from music_engine.ace_step.sampling.settings import SamplingSettings, SolverKind
from music_engine.ace_step.sampling.solver import Euler, Heun, Omega, PingPong, Solver, solver_for
from music_engine.ace_step.schedule import Schedule, flow_schedule

PLAIN = Omega.of(0.0)


def noise(seed: int, items: int = 2) -> Tensor:
    return torch.randn(items, 8, 16, 5, generator=torch.Generator().manual_seed(seed))


def ended(solver: Solver, schedule: Schedule, start: Tensor, data: Tensor) -> Tensor:
    """Where the straight way to the data ends: the velocity is (x - data) / σ."""
    latent = start
    for call in range(schedule.calls):
        latent = solver.advance(latent, (latent - data) / schedule.sigmas[call], call)
    return latent


def test_every_solver_ends_at_the_data_when_the_velocity_points_there() -> None:
    start, data, schedule = noise(1), noise(2), flow_schedule(6)
    fresh = iter([noise(seed) for seed in range(10, 16)])
    solvers: list[tuple[Solver, Schedule]] = [
        (Euler(schedule), schedule),
        (Euler(schedule, PLAIN), schedule),
        (PingPong(schedule, lambda: next(fresh)), schedule),
        (Heun(schedule.twice(), PLAIN), schedule.twice()),
    ]
    for solver, followed in solvers:
        torch.testing.assert_close(ended(solver, followed, start, data), data, atol=1e-4, rtol=0)


def curved(solver: Solver, schedule: Schedule) -> float:
    """How far a solver ends from e^(-1) when dx/dσ = x from σ = 1 down to 0."""
    latent = torch.ones(1, 8, 16, 1)
    for call in range(schedule.calls):
        latent = solver.advance(latent, latent, call)
    return float((latent - torch.exp(torch.tensor(-1.0))).abs().max())


def test_two_velocities_a_step_follow_a_curve_more_closely_than_one() -> None:
    schedule = flow_schedule(20)
    assert curved(Heun(schedule.twice(), PLAIN), schedule.twice()) < 0.3 * curved(Euler(schedule), schedule)


def test_the_schedule_of_one_step_is_eulers_for_heun_too() -> None:
    schedule, start, velocity = flow_schedule(1), noise(1), noise(2)
    found = Heun(schedule.twice(), Omega.of(10.0)).advance(start, velocity, 0)
    torch.testing.assert_close(found, Euler(schedule, Omega.of(10.0)).advance(start, velocity, 0))


@given(st.floats(-1e6, 1e6))
def test_the_stretch_stays_within_a_tenth_and_is_nothing_at_zero(omega: float) -> None:
    factor = Omega.of(omega).factor
    assert 0.9 <= factor <= 1.1
    assert (factor > 1) == (omega > 0) or abs(omega) < 1e-6
    assert Omega.of(0.0).factor == 1
    assert Omega.of(10.0).factor == pytest.approx(1.04621, abs=1e-5)


@pytest.mark.parametrize("over_batch", [False, True])
def test_the_stretch_keeps_the_mean(over_batch: bool) -> None:
    step = noise(3) + torch.tensor([1.0, 5.0]).view(2, 1, 1, 1)
    found = Omega(1.1, over_batch).stretch(step)
    torch.testing.assert_close(found.mean(), step.mean())
    assert float(found.std()) > float(step.std())


def test_the_omega_mean_is_each_items_own_where_the_reference_mixes_the_batch() -> None:
    step = noise(3) + torch.tensor([1.0, 5.0]).view(2, 1, 1, 1)
    own, mixed = Omega(1.1), Omega(1.1, over_batch=True)
    torch.testing.assert_close(own.stretch(step)[:1], own.stretch(step[:1]))
    assert float((mixed.stretch(step)[:1] - mixed.stretch(step[:1])).abs().max()) > 0.1


def test_ping_pong_draws_noise_at_the_last_step_too() -> None:
    drawn: list[int] = []

    def fresh() -> Tensor:
        drawn.append(1)
        return noise(len(drawn))

    schedule = flow_schedule(3)
    ended(PingPong(schedule, fresh), schedule, noise(1), noise(2))
    assert len(drawn) == 3


@pytest.mark.parametrize(("name", "kind"), [("euler", Euler), ("heun", Heun), ("ping_pong", PingPong)])
def test_the_settings_name_the_solver(name: SolverKind, kind: type) -> None:
    assert isinstance(solver_for(SamplingSettings(solver=name), flow_schedule(2), lambda: noise(1)), kind)
