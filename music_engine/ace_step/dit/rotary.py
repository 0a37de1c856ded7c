"""Rotary positions as the checkpoint was trained with: half-split angles under interleaved pairs.

Su et al. 2021, "RoFormer", rotate pairs by one angle each. ACE-Step v1 lays the angle table out in halves (as Llama)
but turns neighbours, so the two members of a pair use different angles and the map is not a rotation. Weights trained
with it need exactly it.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Rotary(NamedTuple):
    """cos, turn: [S, d] float32. turn is the sine with its sign, minus on even channels: x cos + swapped(x) turn."""

    cos: Tensor
    turn: Tensor


def rotary(length: int, head_dim: int, theta: float, device: torch.device | str = "cpu") -> Rotary:
    """The table for positions 0 .. length-1: angle_j = p / theta^(2 (j mod d/2) / d), every step of it in float32."""
    half = torch.arange(0, head_dim, 2, device=device, dtype=torch.float32) / head_dim
    frequencies = 1.0 / (theta**half)
    angles = torch.outer(torch.arange(length, device=device, dtype=torch.float32), frequencies)
    angles = torch.cat((angles, angles), dim=-1)
    sines = angles.sin()
    sines[:, 0::2].neg_()
    return Rotary(angles.cos(), sines)


def turned(x: Tensor, table: Rotary) -> Tensor:
    """x: [B, S, H, d] -> the same shape, float32 where x or the table is; channels 2i and 2i+1 are a pair."""
    swapped = x.view(*x.shape[:-1], -1, 2).flip(-1).view(x.shape)
    return torch.addcmul(x * table.cos[:, None], swapped, table.turn[:, None])
