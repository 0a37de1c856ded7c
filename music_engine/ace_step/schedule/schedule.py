"""The noise levels a run visits, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from music_engine.ace_step.schedule.shift import TRAIN_STEPS, shifted, training_sigmas
from scoring.errors import InputError


@dataclass(frozen=True, slots=True)
class Schedule:
    """Noise levels, falling.

    sigmas: [n + 1] float32, 1 is pure noise, the last is 0. timesteps: [n] float32, 1000 times the levels, what the
    model is told. steps: the number of solver steps. start_sigma: the level that a reference is mixed with noise to
    (audio to audio); 1 for a run from pure noise. calls_per_step: 2 where the solver asks for two velocities a step.
    """

    sigmas: Tensor
    timesteps: Tensor
    steps: int
    start_sigma: float
    calls_per_step: int = 1

    @property
    def calls(self) -> int:
        """How often the solver asks for a velocity."""
        return len(self.timesteps)

    def twice(self) -> Schedule:
        """The same levels for Heun's method: every one but the first is visited as an end and as a beginning."""
        return Schedule(
            # σ0 σ1 σ1 σ2 σ2 … σn-1 σn-1 0: 2n levels
            torch.cat([self.sigmas[:1], self.sigmas[1:-1].repeat_interleave(2), self.sigmas[-1:]]),
            torch.cat([self.timesteps[:1], self.timesteps[1:].repeat_interleave(2)]),  # 2n - 1
            self.steps,
            self.start_sigma,
            2,
        )


def flow_schedule(steps: int, sigma_max: float = 1.0) -> Schedule:
    """The usual schedule: evenly spaced between the ends of the training table, then shifted.

    The ends have been shifted already, so the levels are shifted twice: that is how the model is used, and it is meant.
    steps: at least 1. sigma_max: under 1 for a run that starts from a reference. Raises InputError. From the ACE-Step
    v1 reference.
    """
    if steps < 1:
        raise InputError(f"the number of sampler steps is {steps}", "Ask for at least 1")
    table = training_sigmas(sigma_max)
    highest, lowest = float(table[0]), float(table[-1])
    even = torch.linspace(TRAIN_STEPS * highest, TRAIN_STEPS * lowest, steps, dtype=torch.float64) / TRAIN_STEPS
    return _of_levels(shifted(even).float(), highest)


def chosen_schedule(numbers: Sequence[int], sigma_max: float = 1.0) -> Schedule:
    """The schedule of chosen steps ("optimal step selection"): the steps with these 1-based numbers, shifted once more.

    numbers: rising, out of a schedule of max(numbers) steps. The third shift is the reference's. Raises InputError.
    """
    if not numbers or min(numbers) < 1 or any(b <= a for a, b in pairwise(numbers)):
        raise InputError(f"the chosen sampler steps are {list(numbers)}", "Give rising numbers, the first at least 1")
    full = flow_schedule(max(numbers), sigma_max)
    chosen = full.timesteps[torch.tensor(numbers) - 1] / TRAIN_STEPS  # float32, unlike the even levels above
    return _of_levels(shifted(chosen), full.start_sigma)


def _of_levels(levels: Tensor, start_sigma: float) -> Schedule:
    """levels: [n] float32, falling, without the 0 at the end."""
    return Schedule(torch.cat([levels, levels.new_zeros(1)]), levels * TRAIN_STEPS, len(levels), start_sigma)
