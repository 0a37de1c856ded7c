"""Lyrics, encoded: a transformer with relative positions (Transformer-XL, Dai et al. 2019; as in ESPnet's Conformer,
of which it keeps neither the convolution nor the second feed-forward layer).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from music_engine.ace_step.config import LyricEncoderConfig
from music_engine.ace_step.dit.attention import split
from music_engine.ace_step.dit.linear import Linear

WEAKENED_LAYERS = (4, 5)  # where guidance weakens the queries ("entropy rectifying guidance", Ifriqi et al. 2025)


def relative_positions(length: int, width: int, device: torch.device | str = "cpu") -> Tensor:
    """[1, 2L-1, width] float32, rows for distances L-1 down to -(L-1): sine on even channels, cosine on odd ones."""
    exponents = torch.arange(0, width, 2, device=device, dtype=torch.float32) * (-torch.log(torch.tensor(1e4)) / width)
    distances = torch.arange(length - 1, -length, -1, device=device, dtype=torch.float32)
    angles = distances[:, None] * exponents.exp()
    return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(1)[None]


class RelativeAttention(nn.Module):
    """score_ij = ((q_i + u) . k_j + (q_i + v) . p_(i-j)) / sqrt(d), over tokens whose mask is not 0."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.linear_q, self.linear_k, self.linear_v, self.linear_out = (Linear(width, width) for _ in range(4))
        self.linear_pos = Linear(width, width, bias=False)
        self.pos_bias_u = nn.Parameter(torch.zeros(heads, width // heads))
        self.pos_bias_v = nn.Parameter(torch.zeros(heads, width // heads))

    def forward(self, x: Tensor, mask: Tensor, positions: Tensor, query_scale: float | None = None) -> Tensor:
        """x: [B, L, W], mask: [B, L] bool, positions: [1, 2L-1, W]. query_scale: a factor on q before u and v."""
        q = self.linear_q(x)
        q = split(q if query_scale is None else q * query_scale, self.heads)
        parts = (self.linear_k(x), self.linear_v(x), self.linear_pos(positions))
        k, v, p = (split(part, self.heads).transpose(1, 2) for part in parts)
        content = (q + self.pos_bias_u).transpose(1, 2) @ k.transpose(-1, -2)  # [B, H, L, L]
        place = (q + self.pos_bias_v).transpose(1, 2) @ p.transpose(-1, -2)  # [B, H, L, 2L-1]
        scores = (content + _by_distance(place)) * q.shape[-1] ** -0.5
        keys = mask[:, None, None]
        # Where nothing may be looked at the softmax is 0 / 0, and the reference gives 0.
        weights = scores.masked_fill(~keys, float("-inf")).softmax(dim=-1).masked_fill(~keys, 0.0)
        out: Tensor = self.linear_out((weights @ v).transpose(1, 2).flatten(2))
        return out


def _by_distance(place: Tensor) -> Tensor:
    """[B, H, L, 2L-1] by row of the table -> [B, H, L, L] by key: key j of query i sits in row L-1 - (i - j)."""
    batch, heads, length, rows = place.shape
    padded = functional.pad(place, (1, 0)).view(batch, heads, rows + 1, length)
    return padded[:, :, 1:].reshape(batch, heads, length, rows)[..., :length]


class LyricLayer(nn.Module):
    """Attention and a feed-forward layer, each after a norm and added to what came in."""

    def __init__(self, config: LyricEncoderConfig) -> None:
        super().__init__()
        width = config.output_size
        self.self_attn = RelativeAttention(width, config.attention_heads)
        self.feed_forward = nn.ModuleDict(
            {"w_1": Linear(config.linear_units, width), "w_2": Linear(width, config.linear_units)}
        )
        self.norm_mha = nn.LayerNorm(width, eps=1e-5)
        self.norm_ff = nn.LayerNorm(width, eps=1e-5)

    def forward(self, x: Tensor, mask: Tensor, positions: Tensor, query_scale: float | None) -> Tensor:
        """The words as the attention's."""
        x = x + self.self_attn(self.norm_mha(x), mask, positions, query_scale)
        hidden = functional.silu(self.feed_forward["w_1"](self.norm_ff(x)), inplace=True)
        out: Tensor = x + self.feed_forward["w_2"](hidden)
        return out


class LyricEncoder(nn.Module):
    """[B, L, in] -> [B, L, W]. Where the mask is 0 the output is finite and means nothing."""

    def __init__(self, input_size: int, config: LyricEncoderConfig) -> None:
        super().__init__()
        width = config.output_size
        embed = nn.Sequential(Linear(width, input_size), nn.LayerNorm(width, eps=1e-5))
        self.embed = nn.ModuleDict({"out": embed})
        self.encoders = nn.ModuleList(LyricLayer(config) for _ in range(config.num_blocks))
        self.after_norm = nn.LayerNorm(width, eps=1e-5)

    def forward(self, x: Tensor, mask: Tensor, *, weaken: float | None = None) -> Tensor:
        """mask: [B, L], 0 or 1. weaken: factor on the queries of layers 4 and 5; None leaves them."""
        x = self.embed["out"](x)
        width = x.shape[-1]
        positions = relative_positions(x.shape[1], width, x.device).to(x.dtype)
        x, allowed = x * width**0.5, mask.bool()
        for index, layer in enumerate(self.encoders):
            x = layer(x, allowed, positions, weaken if index in WEAKENED_LAYERS else None)
        out: Tensor = self.after_norm(x)
        return out
