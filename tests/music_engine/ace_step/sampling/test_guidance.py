"""Guidance, by its formulas."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from music_engine.ace_step.sampling.guidance import (
    Momentum,
    adaptive_projected,
    classifier_free,
    double_condition,
    zero_star,
)


@pytest.fixture
def velocities() -> tuple[Tensor, Tensor, Tensor]:
    """Conditional, unconditional, with the text alone."""
    one, other, third = torch.randn(3, 2, 8, 16, 9, generator=torch.Generator().manual_seed(1))
    return one, other, third


Velocities = tuple[Tensor, Tensor, Tensor]


def test_a_scale_of_one_gives_the_conditional_velocity(velocities: Velocities) -> None:
    c, u, o = velocities
    for guided in (classifier_free(c, u, 1.0), adaptive_projected(c, u, 1.0), zero_star(c, u, 1.0)):
        torch.testing.assert_close(guided, c, atol=1e-5, rtol=0)
    torch.testing.assert_close(double_condition(c, u, o, 1.0, 1.0), c)


def test_equal_velocities_are_left_alone_at_any_scale(velocities: Velocities) -> None:
    c = velocities[0]
    for guided in (classifier_free(c, c, 15.0), adaptive_projected(c, c, 15.0), double_condition(c, c, c, 5.0, 2.0)):
        torch.testing.assert_close(guided, c, atol=1e-5, rtol=0)


def test_the_projected_guidance_is_at_right_angles_to_the_conditional_velocity(velocities: Velocities) -> None:
    c, u, _ = velocities
    update = adaptive_projected(c, u, 15.0) - c
    assert float((update * c).sum(dim=(-2, -1)).abs().max()) < 1e-2
    assert float(update.norm(dim=(-2, -1)).max()) <= 14 * 2.5 + 1e-3


def test_a_kept_parallel_part_without_threshold_is_plain_guidance(velocities: Velocities) -> None:
    c, u, _ = velocities
    found = adaptive_projected(c, u, 15.0, eta=1.0, norm_threshold=0.0)
    torch.testing.assert_close(found, classifier_free(c, u, 15.0), atol=1e-4, rtol=0)


def test_single_precision_projects_as_well_as_double(velocities: Velocities) -> None:
    c, u, _ = velocities
    double = adaptive_projected(c, u, 15.0, dtype=torch.float64)
    torch.testing.assert_close(adaptive_projected(c, u, 15.0), double, atol=1e-5, rtol=0)


def test_the_momentum_damps_a_difference_that_keeps_coming_back(velocities: Velocities) -> None:
    difference = velocities[0]
    momentum = Momentum()
    torch.testing.assert_close(momentum.follow(difference), difference)
    torch.testing.assert_close(momentum.follow(difference), 0.25 * difference)
    torch.testing.assert_close(momentum.follow(difference), (1 - 0.75 * 0.25) * difference)


def test_the_momentum_and_the_projection_are_each_items_own(velocities: Velocities) -> None:
    c, u, _ = velocities
    together, alone = Momentum(), Momentum()
    for _ in range(3):
        both = adaptive_projected(c, u, 15.0, together)
        torch.testing.assert_close(adaptive_projected(c[1:], u[1:], 15.0, alone), both[1:])
    torch.testing.assert_close(zero_star(c[1:], u[1:], 4.0), zero_star(c, u, 4.0)[1:])


def test_zero_star_fits_the_unconditional_velocity_to_the_conditional_one(velocities: Velocities) -> None:
    c = velocities[0]
    torch.testing.assert_close(zero_star(c, 3 * c, 15.0), c, atol=1e-4, rtol=0)


def test_zero_star_divides_by_no_vanishing_length() -> None:
    tiny = torch.zeros(1, 8, 16, 1)
    tiny[0, 0, 0, 0] = 1e-4  # a squared length of 1e-8, as much as is added to it
    torch.testing.assert_close(zero_star(tiny, tiny, 0.0), 0.5 * tiny, atol=1e-8, rtol=1e-3)
    assert torch.equal(zero_star(tiny, torch.zeros_like(tiny), 2.0), 2 * tiny)
