"""The vocoder's second half: upsampling to samples (Kong et al. 2020, "HiFi-GAN"), here with SiLU and a mean."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from music_engine.ace_step.codec.config import VocoderConfig


class Generator(nn.Module):
    """Features [B, num_mels, F] -> sound [B, 1, F * hop], +-1.0. Names are the checkpoint's, its weight norm fused."""

    def __init__(self, config: VocoderConfig) -> None:
        super().__init__()
        width, pre, post = config.upsample_initial_channel, config.pre_conv_kernel_size, config.post_conv_kernel_size
        self.conv_pre = nn.Conv1d(config.num_mels, width, pre, padding=pre // 2)
        self.ups = nn.ModuleList()
        self.resblocks = nn.ModuleList()
        for rate, kernel in zip(config.upsample_rates, config.upsample_kernel_sizes, strict=True):
            self.ups.append(nn.ConvTranspose1d(width, width // 2, kernel, rate, padding=(kernel - rate) // 2))
            width //= 2
            self.resblocks.extend(
                ResidualBlock(width, size, dilations)
                for size, dilations in zip(config.resblock_kernel_sizes, config.resblock_dilation_sizes, strict=True)
            )
        self.conv_post = nn.Conv1d(width, 1, post, padding=post // 2)
        self._kernels = len(config.resblock_kernel_sizes)

    def forward(self, features: Tensor) -> Tensor:
        """features: [B, num_mels, F] -> [B, 1, F * hop]."""
        x = self.conv_pre(features)
        for index, up in enumerate(self.ups):
            x = self._mean(index, up(functional.silu(x, inplace=True)))
        sound: Tensor = self.conv_post(functional.silu(x, inplace=True))
        return sound.tanh_()

    def _mean(self, index: int, x: Tensor) -> Tensor:
        blocks = self.resblocks[index * self._kernels : (index + 1) * self._kernels]
        total: Tensor = blocks[0](x)
        for block in blocks[1:]:
            total += block(x)
        return total.div_(self._kernels)


class ResidualBlock(nn.Module):
    """[B, C, N] -> [B, C, N]: a dilated and a plain convolution a round, added to what came in."""

    def __init__(self, width: int, kernel: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(
            nn.Conv1d(width, width, kernel, dilation=d, padding=d * (kernel - 1) // 2) for d in dilations
        )
        self.convs2 = nn.ModuleList(nn.Conv1d(width, width, kernel, padding=(kernel - 1) // 2) for _ in dilations)

    def forward(self, x: Tensor) -> Tensor:
        """x: [B, C, N]."""
        for dilated, plain in zip(self.convs1, self.convs2, strict=True):
            change: Tensor = plain(functional.silu(dilated(functional.silu(x)), inplace=True))
            x = change.add_(x)
        return x
