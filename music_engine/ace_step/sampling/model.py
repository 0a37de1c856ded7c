"""What the sampler needs of a transformer, and a transformer that remembers what it was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor

from music_engine.ace_step.dit.conditioning import Condition, RememberedCondition
from music_engine.ace_step.watch import Watch

if TYPE_CHECKING:
    from music_engine.ace_step.sampling.conditions import Variant


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


class ConditionedModel:
    """A transformer with the variants of one condition remembered, the conditional one first."""

    def __init__(self, model: VelocityModel, variants: Sequence[Variant], watch: Watch) -> None:
        joined = Condition.joined([variant.condition for variant in variants])
        self._model = model
        self._watch = watch
        self._remembered = model.remember(joined)
        scales = [variant.query_scale for variant in variants]
        self._items = len(joined.states) // len(variants)
        self._query_scale = (
            None
            if all(scale == 1.0 for scale in scales)
            else torch.tensor(scales, device=joined.states.device).repeat_interleave(self._items)  # [variants * B]
        )

    def velocities(self, latent: Tensor, timestep: float, variants: int) -> tuple[Tensor, ...]:
        """The velocities of the first so many variants, from one pass over all of them.

        latent: [B, 8, 16, T] float32. timestep: 0..1000. Each velocity like the latent. Raises Cancelled.
        """
        self._watch.check()
        items = variants * self._items
        velocity = self._model(
            latent.repeat(variants, 1, 1, 1),
            latent.new_full((items,), timestep),
            self._remembered.first(items),
            query_scale=None if variants == 1 or self._query_scale is None else self._query_scale[:items],
        )
        return velocity.float().chunk(variants)
