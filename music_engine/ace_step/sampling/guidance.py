"""Guidance: one velocity out of a conditional and an unconditional one.

Every velocity is [B, 8, 16, T] float32. Formulas from the ACE-Step v1 reference.
"""

from __future__ import annotations

import torch
from torch import Tensor

MOMENTUM = -0.75  # of APG: negative, so a direction that keeps coming back is damped
NORM_THRESHOLD = 2.5  # of APG: the longest difference per item and channel
_PLANE = (-2, -1)  # norms and projections of APG run over (16, T)


class Momentum:
    """The running difference of adaptive projected guidance: r ← d - 0.75 r. Starts at 0, each item by itself."""

    def __init__(self) -> None:
        self._running: Tensor | None = None

    def follow(self, difference: Tensor) -> Tensor:
        """difference: [B, 8, 16, T]; the running difference after it, same shape."""
        running = difference if self._running is None else difference + MOMENTUM * self._running
        self._running = running
        return running


def classifier_free(conditional: Tensor, unconditional: Tensor, scale: float) -> Tensor:
    """u + scale (c - u). Ho and Salimans 2022, https://arxiv.org/abs/2207.12598."""
    return unconditional + scale * (conditional - unconditional)


def adaptive_projected(
    conditional: Tensor,
    unconditional: Tensor,
    scale: float,
    momentum: Momentum | None = None,
    *,
    eta: float = 0.0,
    norm_threshold: float = NORM_THRESHOLD,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """c + (scale - 1)(d⊥ + eta d∥): the difference d = c - u, damped, shortened and without its part along c.

    eta: share of the part along c that is kept. norm_threshold: 0 leaves the length alone. dtype: of the projection,
    float64 in the reference. Sadat et al. 2024, https://arxiv.org/abs/2410.02416.
    """
    difference = conditional - unconditional
    if momentum is not None:
        difference = momentum.follow(difference)
    if norm_threshold > 0:
        norm: Tensor = difference.norm(p=2, dim=_PLANE, keepdim=True)  # [B, 8, 1, 1]
        difference = difference * (norm_threshold / norm).clamp(max=1.0)
    precise, direction = difference.to(dtype), conditional.to(dtype)
    length = direction.norm(p=2, dim=_PLANE, keepdim=True).clamp(min=1e-12)
    direction = direction / length
    parallel: Tensor = (precise * direction).sum(dim=_PLANE, keepdim=True) * direction
    update = (precise - parallel).to(conditional.dtype)
    if eta:
        update = update + eta * parallel.to(conditional.dtype)
    return conditional + (scale - 1) * update


def zero_star(conditional: Tensor, unconditional: Tensor, scale: float) -> Tensor:
    """αu + scale (c - αu), α = <c, u> / (|u|² + 1e-8) per item. Fan et al. 2025, https://arxiv.org/abs/2503.18886."""
    c, u = conditional.flatten(1), unconditional.flatten(1)
    alpha = (c * u).sum(1) / ((u * u).sum(1) + 1e-8)  # [B]
    return classifier_free(conditional, unconditional * alpha.view(-1, 1, 1, 1), scale)


def double_condition(
    conditional: Tensor, unconditional: Tensor, only_text: Tensor, scale_text: float, scale_lyric: float
) -> Tensor:
    """(1 - st) u + (st - sl) o + sl c, o: predicted with the text but without, or with weakened, lyrics."""
    return (1 - scale_text) * unconditional + (scale_text - scale_lyric) * only_text + scale_lyric * conditional
