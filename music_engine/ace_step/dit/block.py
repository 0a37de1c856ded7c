"""One of the transformer's blocks."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from music_engine.ace_step.config import TransformerConfig
from music_engine.ace_step.dit.attention import CrossAttention, LinearAttention
from music_engine.ace_step.dit.feed_forward import GluMbConv
from music_engine.ace_step.dit.norm import rms_norm
from music_engine.ace_step.dit.rotary import Rotary


class Block(nn.Module):
    """[B, T, D]. Modulated by the noise level (adaLN-single, Chen et al. 2023); the cross attention is not: it has
    no norm, no modulation and no gate.
    """

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        width, heads = config.width, config.num_attention_heads
        self.scale_shift_table = nn.Parameter(torch.randn(6, width) / width**0.5)
        self.attn = LinearAttention(width, heads)
        self.cross_attn = CrossAttention(width, heads)
        self.ff = GluMbConv(width, config.feed_forward_width)

    def forward(
        self,
        x: Tensor,
        temb: Tensor,
        remembered: tuple[Tensor, Tensor],
        rotary: Rotary,
        *,
        allowed: Tensor | None = None,
        mask: Tensor | None = None,
        query_scale: Tensor | None = None,
    ) -> Tensor:
        """temb: [B, 6, D]. remembered: this block's keys and values. The other words are the attentions'."""
        rows = (self.scale_shift_table + temb).unsqueeze(2).unbind(1)  # six of [B, 1, D]
        shift_attention, scale_attention, gate_attention, shift_ff, scale_ff, gate_ff = rows
        attended = self.attn(_modulated(x, scale_attention, shift_attention), rotary, mask)
        x = torch.addcmul(x, gate_attention, attended)
        x = x + self.cross_attn(x, remembered, rotary, allowed, query_scale)
        return torch.addcmul(x, gate_ff, self.ff(_modulated(x, scale_ff, shift_ff)))


def _modulated(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    return rms_norm(x).mul_(1 + scale).add_(shift)
