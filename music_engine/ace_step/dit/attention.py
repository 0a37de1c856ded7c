"""A block's two attentions: linear over the music itself, softmax over the condition."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from music_engine.ace_step.dit.linear import Linear
from music_engine.ace_step.dit.rotary import Rotary, turned

EPS = 1e-15  # in the linear attention's denominator: a query with no positive channel gives exactly 0


class LinearAttention(nn.Module):
    """ReLU linear attention (Katharopoulos et al. 2020; as in Sana, Xie et al. 2024), both directions, [B, T, D].

    o_t = (sum_s v_s k_s^T) q_t / (sum_s k_s . q_t + 1e-15), with ReLU on q and k after the rotary map: cost grows with
    T, not with its square. A positive factor on q cancels, so guidance that weakens q has nothing to do here.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.to_q, self.to_k, self.to_v = (Linear(width, width) for _ in range(3))
        self.to_out = nn.ModuleList([Linear(width, width)])

    def forward(self, x: Tensor, rotary: Rotary, mask: Tensor | None = None) -> Tensor:
        """mask: [B, T], 0 or 1; it multiplies q, k and v before the ReLU."""
        q = turned(split(self.to_q(x), self.heads), rotary)
        k = turned(split(self.to_k(x), self.heads), rotary)
        v = split(self.to_v(x), self.heads).float()  # the reference sums in float32 whatever the weights are
        if mask is not None:
            q, k, v = (part * mask[:, :, None, None] for part in (q, k, v))
        q, k, v = q.relu_().transpose(1, 2), k.relu_().transpose(1, 2), v.transpose(1, 2)  # [B, H, T, d]
        memory = k.transpose(-1, -2) @ v  # [B, H, d, d]
        weight = q @ k.sum(dim=-2).unsqueeze(-1)  # [B, H, T, 1]
        attended = (q @ memory).div_(weight.add_(EPS)).transpose(1, 2).flatten(2)
        out: Tensor = self.to_out[0](attended.to(x.dtype))
        return out


class CrossAttention(nn.Module):
    """Softmax attention from the music's tokens [B, T, D] to the condition's [B, S, D]; both carry positions.

    The stored add_q_proj, add_k_proj, add_v_proj and to_add_out take no part in the computation and are not here.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.to_q, self.to_k, self.to_v = (Linear(width, width) for _ in range(3))
        self.to_out = nn.ModuleList([Linear(width, width)])

    def remember(self, states: Tensor, rotary: Rotary) -> tuple[Tensor, Tensor]:
        """Keys and values [B, H, S, d] of a condition; they do not depend on the step."""
        k = turned(split(self.to_k(states), self.heads), rotary).to(states.dtype)
        return k.transpose(1, 2), split(self.to_v(states), self.heads).transpose(1, 2)

    def forward(
        self,
        x: Tensor,
        remembered: tuple[Tensor, Tensor],
        rotary: Rotary,
        allowed: Tensor | None = None,
        query_scale: Tensor | None = None,
    ) -> Tensor:
        """allowed: [B, 1, T or 1, S] bool, None for all. query_scale: [B], a factor on q, its bias included."""
        q = split(self.to_q(x), self.heads)
        if query_scale is not None:
            q = q * query_scale.to(q.dtype)[:, None, None, None]
        q = turned(q, rotary).to(x.dtype).transpose(1, 2)
        k, v = remembered
        attended = functional.scaled_dot_product_attention(q, k, v, attn_mask=allowed)
        if allowed is not None and allowed.shape[2] > 1:
            # A query that may look nowhere is 0 / 0 in a softmax; the reference's PyTorch gives 0.
            attended = attended.masked_fill(~allowed.any(dim=-1, keepdim=True), 0.0)
        out: Tensor = self.to_out[0](attended.transpose(1, 2).flatten(2))
        return out


def split(x: Tensor, heads: int) -> Tensor:
    """[..., H d] -> [..., H, d], head by head."""
    return x.view(*x.shape[:-1], heads, -1)


def allowed_pairs(condition_mask: Tensor, query_mask: Tensor | None) -> Tensor:
    """condition_mask: [B, S], query_mask: [B, T] -> [B, 1, 1 or T, S] bool: exactly 1 counts, nothing else does."""
    keys = condition_mask[:, None, None]
    return torch.eq(keys if query_mask is None else keys * query_mask[:, None, :, None], 1)
