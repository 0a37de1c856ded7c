"""A block's feed-forward layer: gated, with a short convolution over time."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from music_engine.ace_step.dit.linear import WHOLE, Linear

SLICE_CHANNELS = 1280  # of the hidden width, taken at a time on a CPU


class Conv(nn.Module):
    """A 1x1 convolution under the checkpoint's name for it, `<layer>.conv`."""

    def __init__(self, channels_out: int, channels_in: int, *, bias: bool) -> None:
        super().__init__()
        self.conv = Linear(channels_out, channels_in, 1, bias=bias)


class Taps(nn.Module):
    """The weights of a convolution with three taps over time for every channel by itself."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels, 1, 3).uniform_(-0.5, 0.5))
        self.bias = nn.Parameter(torch.zeros(channels))


class DepthwiseConv(nn.Module):
    """Three taps over time, zeros beyond both ends, on [B, T, C] as the products leave it: no transposed copies."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = Taps(channels)

    def forward(self, x: Tensor, channels: slice = WHOLE) -> Tensor:
        """channels: which of them x has."""
        if x.device.type != "cpu":
            return self.products(x, channels)
        # oneDNN's convolution of one row of pixels, channels last: five times faster there than three products.
        pixels, weight = x.transpose(1, 2).unsqueeze(2), self.conv.weight[channels].unsqueeze(2)
        row = functional.conv2d(pixels, weight, self.conv.bias[channels], padding=(0, 1), groups=x.shape[-1])
        return row.squeeze(2).transpose(1, 2)

    def products(self, x: Tensor, channels: slice = WHOLE) -> Tensor:
        """The same in products that a compiler makes one kernel of."""
        before, here, after = self.conv.weight[channels, 0].T
        padded = functional.pad(x, (0, 0, 1, 1))
        out: Tensor = padded[:, :-2] * before + x * here + padded[:, 2:] * after + self.conv.bias[channels]
        return out


class GluMbConv(nn.Module):
    """x: [B, T, D]. Widen, SiLU, three taps over time, value times SiLU(gate), narrow (GLUMBConv of Sana, in 1-D)."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.width, self.hidden = width, hidden
        self.inverted_conv = Conv(2 * hidden, width, bias=True)
        self.depth_conv = DepthwiseConv(2 * hidden)
        self.point_conv = Conv(width, hidden, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """On a CPU the hidden channels go through in slices, which fit its caches; they meet only in the last sum."""
        step = SLICE_CHANNELS if x.device.type == "cpu" else self.hidden
        slices = [slice(start, min(start + step, self.hidden)) for start in range(0, self.hidden, step)]
        out: Tensor = self.point_conv.conv(self._gated(x, slices[0]), columns=slices[0])
        for channels in slices[1:]:
            out += self.point_conv.conv(self._gated(x, channels), columns=channels)
        return out

    def _gated(self, x: Tensor, channels: slice) -> Tensor:
        gates = slice(channels.start + self.hidden, channels.stop + self.hidden)
        value, gate = self._widened(x, channels), self._widened(x, gates)
        return value * functional.silu(gate, inplace=True)

    def _widened(self, x: Tensor, channels: slice) -> Tensor:
        out: Tensor = self.depth_conv(
            functional.silu(self.inverted_conv.conv(x, rows=channels), inplace=True), channels
        )
        return out
