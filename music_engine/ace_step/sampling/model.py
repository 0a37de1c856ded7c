"""What the sampler needs of a transformer."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from music_engine.ace_step.dit.conditioning import Condition, RememberedCondition


class VelocityModel(Protocol):
    """Predicts the velocity noise - data. AceStepTransformer is one."""

    def encode(
        self,
        text: Tensor,
        text_mask: Tensor,
        lyric_ids: Tensor,
        lyric_mask: Tensor,
        speaker: Tensor | None = None,
        *,
        weaken_lyrics: float | None = None,
    ) -> Condition:
        """A condition of B items from [B, S, 768], [B, S], [B, L], [B, L] and [B, 512]."""
        ...

    def remember(self, condition: Condition) -> RememberedCondition:
        """Everything that depends on the condition alone, computed once for all steps."""
        ...

    def __call__(
        self,
        latent: Tensor,
        timestep: Tensor,
        condition: Condition | RememberedCondition,
        *,
        query_scale: Tensor | None = None,
    ) -> Tensor:
        """The velocity [B, 8, 16, T] of a latent [B, 8, 16, T] at timesteps [B], 0..1000."""
        ...
