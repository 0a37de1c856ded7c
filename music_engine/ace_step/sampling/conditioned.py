"""A transformer that remembers what it was asked for."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from music_engine.ace_step.dit.conditioning import Condition
from music_engine.ace_step.sampling.conditions import Variant
from music_engine.ace_step.sampling.model import VelocityModel
from music_engine.ace_step.watch import Watch


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
