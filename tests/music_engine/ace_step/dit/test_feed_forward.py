"""The feed-forward layer: one arithmetic, in slices or whole, on the CPU's convolution or without it."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from music_engine.ace_step.dit.feed_forward import DepthwiseConv, GluMbConv


def layer() -> GluMbConv:
    torch.manual_seed(0)
    return GluMbConv(8, 20).requires_grad_(False)


@pytest.mark.parametrize("frames", [1, 2, 9])
def test_it_is_the_convolutions_the_checkpoint_names(frames: int) -> None:
    ours, x = layer(), torch.randn(2, frames, 8, generator=torch.Generator().manual_seed(1))
    wide = functional.silu(functional.conv1d(x.mT, ours.inverted_conv.conv.weight, ours.inverted_conv.conv.bias))
    taps = ours.depth_conv.conv
    wide = functional.conv1d(wide, taps.weight, taps.bias, padding=1, groups=40)
    value, gate = wide.chunk(2, dim=1)
    expected = functional.conv1d(value * functional.silu(gate), ours.point_conv.conv.weight).mT
    torch.testing.assert_close(ours(x), expected, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("channels", [1, 7, 20, 64])
def test_slices_change_nothing_but_the_order_of_the_sum(monkeypatch: pytest.MonkeyPatch, channels: int) -> None:
    x = torch.randn(2, 9, 8, generator=torch.Generator().manual_seed(1))
    whole = layer()(x)
    monkeypatch.setattr("music_engine.ace_step.dit.feed_forward.SLICE_CHANNELS", channels)
    torch.testing.assert_close(layer()(x), whole, atol=1e-6, rtol=1e-5)


def test_other_devices_taps_are_the_cpus() -> None:
    torch.manual_seed(0)
    conv, x = DepthwiseConv(6).requires_grad_(False), torch.randn(2, 5, 6)
    torch.testing.assert_close(conv.products(x), conv(x))
