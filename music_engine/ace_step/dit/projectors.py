"""The training heads: the music's tokens compared with what two listening models heard."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from music_engine.ace_step.dit.linear import Linear


def projector(width: int, features: int) -> nn.Sequential:
    """[B, T, D] -> [B, T, features]: linear to 2 D, SiLU, linear, SiLU, linear."""
    return nn.Sequential(
        Linear(2 * width, width), nn.SiLU(), Linear(2 * width, 2 * width), nn.SiLU(), Linear(features, 2 * width)
    )


def projection_loss(projected: Tensor, heard: Sequence[Tensor]) -> Tensor:
    """Mean over the batch of 1 - cosine, as one number. projected: [B, T, F]; heard: B features of [frames, F].

    The projection is brought to each item's frame count by linear interpolation in time (REPA, Yu et al. 2024).
    """
    losses = []
    for item, features in zip(projected, heard, strict=True):
        stretched = functional.interpolate(item.T[None], size=features.shape[0], mode="linear", align_corners=False)
        losses.append((1 - functional.cosine_similarity(stretched[0].T, features, dim=-1)).mean())
    return torch.stack(losses).mean()
