"""Latent frames to tokens, and tokens back to latent frames: one token per frame."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from music_engine.ace_step.config import PATCH_CHANNELS, PATCH_GROUPS, TransformerConfig
from music_engine.ace_step.dit.linear import Linear
from music_engine.ace_step.dit.norm import rms_norm


class PatchEmbed(nn.Module):
    """[B, 8, 16, T] -> [B, T, D]. The group norm's statistics run over the whole time axis.

    So a frame's token depends on how many frames there are: latents cannot be padded, cropped or cut into pieces.
    """

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.early_conv_layers = nn.Sequential(
            Linear(PATCH_CHANNELS, config.in_channels, config.patch_height, 1),
            nn.GroupNorm(PATCH_GROUPS, PATCH_CHANNELS, eps=1e-6),
            Linear(config.width, PATCH_CHANNELS, 1, 1),
        )

    def forward(self, latent: Tensor) -> Tensor:
        """The frames' tokens."""
        patch, norm, project = self.early_conv_layers
        x = patch(latent.flatten(1, 2).transpose(1, 2))  # [B, T, 2048]; a column is read channel by channel
        x = norm(x.transpose(1, 2)).transpose(1, 2)
        tokens: Tensor = project(x)
        return tokens


class FinalLayer(nn.Module):
    """[B, T, D] -> [B, 8, 16, T]; modulated by the timestep's first embedding, not by the blocks' one."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.height, self.channels = config.patch_height, config.out_channels
        self.scale_shift_table = nn.Parameter(torch.randn(2, config.width) / config.width**0.5)
        self.linear = Linear(config.patch_height * config.out_channels, config.width)

    def forward(self, x: Tensor, embedded: Tensor, frames: int | None = None) -> Tensor:
        """embedded: [B, D]. frames: cut or pad with zeros to this many; None keeps T."""
        shift, scale = (self.scale_shift_table + embedded[:, None]).unsqueeze(2).unbind(1)  # [B, 1, D] each
        out = self.linear(rms_norm(x) * (1 + scale) + shift)
        # A token's 128 numbers are indexed [row][channel], unlike the patch convolution's [channel][row].
        latent: Tensor = out.unflatten(-1, (self.height, self.channels)).permute(0, 3, 2, 1)
        if frames is None or frames == latent.shape[-1]:
            return latent
        return functional.pad(latent, (0, frames - latent.shape[-1]))  # a negative pad cuts
