"""The vocoder's first half: a one-dimensional ConvNeXt over mel frames (Liu et al. 2022, "A ConvNet for the 2020s")."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from music_engine.ace_step.codec.config import VocoderConfig

_EPSILON = 1e-6


class Backbone(nn.Module):
    """Log-mel [B, bins, F] -> features [B, num_mels, F]. Parameter names are the checkpoint's."""

    def __init__(self, config: VocoderConfig) -> None:
        super().__init__()
        dims, kernel = config.dims, config.kernel_size
        # The very first convolution repeats the edge; every other one in the vocoder pads with zeros.
        stem = nn.Conv1d(config.mel.bins, dims[0], kernel, padding=kernel // 2, padding_mode="replicate")
        layers: list[nn.Module] = [nn.Sequential(stem, ChannelNorm(dims[0]))]
        layers += [nn.Sequential(ChannelNorm(narrow), nn.Conv1d(narrow, wide, 1)) for narrow, wide in pairwise(dims)]
        self.channel_layers = nn.ModuleList(layers)
        self.stages = nn.ModuleList(
            nn.Sequential(*(ConvNextBlock(width, kernel) for _ in range(depth)))
            for width, depth in zip(dims, config.depths, strict=True)
        )
        self.norm = ChannelNorm(dims[-1])

    def forward(self, mel: Tensor) -> Tensor:
        """mel: [B, bins, F], natural log -> [B, num_mels, F]."""
        for layer, stage in zip(self.channel_layers, self.stages, strict=True):
            mel = stage(layer(mel))
        features: Tensor = self.norm(mel)
        return features


class ConvNextBlock(nn.Module):
    """[B, C, F] -> [B, C, F]: each channel over time, then each frame over channels, added to the input."""

    def __init__(self, width: int, kernel: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv1d(width, width, kernel, padding=kernel // 2, groups=width)
        self.norm = nn.LayerNorm(width, eps=_EPSILON)
        self.pwconv1 = nn.Linear(width, 4 * width)
        self.pwconv2 = nn.Linear(4 * width, width)
        self.gamma = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, C, F]."""
        y: Tensor = self.norm(self.dwconv(x).transpose(1, 2))  # [B, F, C]
        y = self.pwconv2(functional.gelu(self.pwconv1(y))) * self.gamma
        return x + y.transpose(1, 2)


class ChannelNorm(nn.Module):
    """LayerNorm over the channels of [B, C, F]."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, C, F]."""
        shape = self.weight.shape
        y: Tensor = functional.layer_norm(x.transpose(1, 2), shape, self.weight, self.bias, _EPSILON)
        return y.transpose(1, 2)
