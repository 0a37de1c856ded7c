"""A hint from outside, added to the embedded latents. No published weights make one."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

EPS = 1e-12


@dataclass(frozen=True, slots=True)
class ControlHint:
    """states: [B, T, D]. scale: how much of it is added."""

    states: Tensor
    scale: float = 1.0

    def added_to(self, tokens: Tensor) -> Tensor:
        """tokens: [B, T, D]. The hint takes each item's mean and (unbiased) deviation over time and channels first."""
        mean, deviation = _statistics(tokens)
        own_mean, own_deviation = _statistics(self.states)
        hint = (self.states - own_mean) * (deviation / (own_deviation + EPS)) + mean
        return tokens + hint * self.scale


def _statistics(x: Tensor) -> tuple[Tensor, Tensor]:
    return x.mean(dim=(1, 2), keepdim=True), x.std(dim=(1, 2), keepdim=True)
