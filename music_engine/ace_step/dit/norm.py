"""The blocks' norm, which has no weight."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

EPS = 1e-6


def rms_norm(x: Tensor) -> Tensor:
    """x / sqrt(mean(x^2) + 1e-6) over the last axis (Zhang and Sennrich 2019); the mean is float32 inside."""
    return functional.rms_norm(x, x.shape[-1:], eps=EPS)
