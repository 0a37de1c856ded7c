"""Noise, item by item."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from music_engine.ace_step.sampling.noise import GivenNoise, SeededNoise
from scoring.errors import InputError

SEEDS = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=4)


@given(SEEDS, st.integers(1, 40))
def test_an_items_noise_is_its_seeds_whoever_else_is_in_the_batch(seeds: list[int], frames: int) -> None:
    together = SeededNoise(seeds, seeds[::-1])
    singles = [SeededNoise([seed], [other]) for seed, other in zip(seeds, seeds[::-1], strict=True)]
    for draw in ("initial", "step", "retake", "step"):
        found = getattr(together, draw)(frames)
        assert found.shape == (len(seeds), 8, 16, frames)
        assert found.dtype == torch.float32
        assert torch.equal(found, torch.cat([getattr(single, draw)(frames) for single in singles]))


def test_the_step_noise_of_a_reference_batch_is_the_first_items() -> None:
    one, other = (SeededNoise([1, seed], compat="reference") for seed in (2, 3))
    assert not torch.equal(one.initial(4), other.initial(4))
    shared = one.step(4)
    assert torch.equal(shared, other.step(4))
    assert not torch.equal(shared[0], shared[1])


def test_equal_seeds_give_equal_noise_and_each_draw_goes_on() -> None:
    one, other = SeededNoise([9]), SeededNoise([9])
    assert torch.equal(one.initial(3), other.initial(3))
    assert not torch.equal(one.step(3), one.step(3))


def test_the_noise_is_standard_normal() -> None:
    drawn = SeededNoise([4]).initial(500)
    assert float(drawn.mean()) == pytest.approx(0, abs=0.02)
    assert float(drawn.std()) == pytest.approx(1, abs=0.02)


def test_retake_noise_needs_a_retake_seed_for_every_item() -> None:
    with pytest.raises(InputError, match="1 retake seeds for 2 items"):
        SeededNoise([1, 2], [3]).retake(4)


def test_given_noise_comes_in_order_and_is_refused_when_it_does_not_fit() -> None:
    first, second = torch.zeros(1, 8, 16, 4), torch.ones(1, 8, 16, 4)
    noise = GivenNoise([first], step=[second, first])
    assert noise.initial(4) is first
    assert noise.step(4) is second
    with pytest.raises(InputError, match=r"\[1, 8, 16, 4\]"):
        noise.step(5)
    with pytest.raises(InputError, match="used up"):
        noise.retake(4)
