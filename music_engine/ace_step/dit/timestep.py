"""The noise level, embedded."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from music_engine.ace_step.config import TIMESTEP_CHANNELS
from music_engine.ace_step.dit.linear import Linear

LONGEST_PERIOD = 10_000


def sinusoid(timestep: Tensor, channels: int = TIMESTEP_CHANNELS) -> Tensor:
    """timestep: [B], 0 .. 1000 -> [B, channels] float32, cosines first: f_i = exp(-ln(10000) i / half) in float32."""
    half = channels // 2
    steps = torch.arange(half, device=timestep.device, dtype=torch.float32)
    angles = timestep.float()[:, None] * torch.exp(-math.log(LONGEST_PERIOD) * steps / half)
    return torch.cat((angles.cos(), angles.sin()), dim=-1)


class TimestepEmbedder(nn.Module):
    """[B, 256] -> [B, D]: linear, SiLU, linear."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear_1 = Linear(width, TIMESTEP_CHANNELS)
        self.linear_2 = Linear(width, width)

    def forward(self, timestep: Tensor, dtype: torch.dtype) -> Tensor:
        """timestep: [B], 0 .. 1000."""
        embedded: Tensor = self.linear_2(functional.silu(self.linear_1(sinusoid(timestep).to(dtype))))
        return embedded
