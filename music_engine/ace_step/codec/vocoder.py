"""Log-mel frames to sound."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from torch import Tensor, nn

from music_engine.ace_step.codec.backbone import Backbone
from music_engine.ace_step.codec.config import VocoderConfig
from music_engine.ace_step.codec.generator import Generator


class Vocoder(nn.Module):
    """Log-mel [B, bins, F] -> sound [B, 1, F * hop], +-1.0 full scale at 44.1 kHz."""

    def __init__(self, config: VocoderConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = Backbone(config)
        self.head = Generator(config)

    def forward(self, mel: Tensor) -> Tensor:
        """mel: [B, bins, F], natural log -> [B, 1, F * hop]."""
        sound: Tensor = self.head(self.backbone(mel))
        return sound

    def reach_frames(self) -> int:
        """Mel frames on either side that a sample depends on: what a tile has to carry and then drop to be exact."""
        config = self.config
        reach = Fraction(config.kernel_size // 2 * (1 + sum(config.depths)) + config.pre_conv_kernel_size // 2)
        rate = 1
        for up, kernel in zip(config.upsample_rates, config.upsample_kernel_sizes, strict=True):
            reach += Fraction(kernel, rate * up)  # at most kernel / up inputs, of which there are `rate` a frame
            rate *= up
            reach += Fraction(max(self._residual_reach()), rate)
        return ceil(reach + Fraction(config.post_conv_kernel_size // 2, rate))

    def _residual_reach(self) -> list[int]:
        sizes = zip(self.config.resblock_kernel_sizes, self.config.resblock_dilation_sizes, strict=True)
        return [sum((kernel - 1) // 2 * (dilation + 1) for dilation in dilations) for kernel, dilations in sizes]
