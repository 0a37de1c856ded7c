"""The shift of the noise levels, and the table the model was trained on."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import Tensor

SHIFT = 3.0  # ACE-Step v1 reference: the timestep shift of every one of its schedulers
TRAIN_STEPS = 1000  # the timestep that the model is told is 1000 times the noise level

Level = TypeVar("Level", float, Tensor)


def shifted(sigma: Level) -> Level:
    """A noise level moved towards noise: 3σ / (1 + 2σ). sigma: 0..1; rises, and keeps 0 and 1 where they are."""
    return SHIFT * sigma / (1 + (SHIFT - 1) * sigma)


def training_sigmas(sigma_max: float = 1.0) -> Tensor:
    """The noise levels seen in training, shifted once. [1000] float32, falling from shifted(sigma_max) to 0.0029940.

    sigma_max: the highest level before the shift, over 0.001. From the ACE-Step v1 reference.
    """
    levels = torch.linspace(1, TRAIN_STEPS * sigma_max, TRAIN_STEPS, dtype=torch.float32) / TRAIN_STEPS
    return shifted(levels).flip(0)
