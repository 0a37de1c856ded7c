"""A model under guidance: the velocity a solver follows, step by step."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from music_engine.ace_step.sampling.conditioned import ConditionedModel
from music_engine.ace_step.sampling.conditions import variants_for
from music_engine.ace_step.sampling.guidance import (
    Momentum,
    adaptive_projected,
    classifier_free,
    double_condition,
    zero_star,
)
from music_engine.ace_step.sampling.interval import GuidanceInterval
from music_engine.ace_step.sampling.model import VelocityModel
from music_engine.ace_step.sampling.plan import Plan
from music_engine.ace_step.sampling.prompt import Prompt
from music_engine.ace_step.sampling.settings import SamplingSettings
from music_engine.ace_step.watch import Watch


class GuidedModel:
    """Velocities for the calls of a schedule; outside the guidance interval only the conditional one is computed."""

    def __init__(
        self,
        model: VelocityModel,
        prompts: Sequence[Prompt],
        settings: SamplingSettings,
        plan: Plan,
        watch: Watch,
    ) -> None:
        self._settings = settings
        self._schedule = plan.schedule
        self._interval = GuidanceInterval.of(settings, plan.schedule.steps)
        guided = any(self._step(call) in self._interval for call in plan.calls)
        variants = variants_for(model, prompts, settings, guided=guided)
        self._variants = len(variants)
        self._model = ConditionedModel(model, variants, watch)
        self._momentum = Momentum()

    def velocity(self, latent: Tensor, call: int) -> Tensor:
        """The velocity at a call of the schedule. latent, result: [B, 8, 16, T] float32. Raises Cancelled."""
        step = self._step(call)
        timestep = float(self._schedule.timesteps[call])
        if step not in self._interval:
            return self._model.velocities(latent, timestep, 1)[0]
        if self._settings.predicts_zero(step) and self._settings.mends:
            return torch.zeros_like(latent)  # without asking the model for what would be thrown away
        velocities = self._model.velocities(latent, timestep, self._variants)
        return self._guided(velocities, step)

    def _guided(self, velocities: tuple[Tensor, ...], step: int) -> Tensor:
        settings = self._settings
        if settings.is_double:
            conditional, unconditional, only_text = velocities
            scales = settings.guidance_scale_text, settings.guidance_scale_lyric
            return double_condition(conditional, unconditional, only_text, *scales)
        conditional, unconditional = velocities
        scale = self._interval.scale_at(step)
        if settings.guidance == "cfg":
            return classifier_free(conditional, unconditional, scale)
        if settings.guidance == "cfg_star":
            guided = zero_star(conditional, unconditional, scale)
            return torch.zeros_like(guided) if settings.predicts_zero(step) else guided
        return adaptive_projected(
            conditional, unconditional, scale, self._momentum, dtype=projection_dtype(settings, conditional)
        )

    def _step(self, call: int) -> int:
        """The step that decides on guidance. The reference counts calls against a number of steps (Heun makes two)."""
        return call // self._schedule.calls_per_step if self._settings.mends else call


def projection_dtype(settings: SamplingSettings, velocity: Tensor) -> torch.dtype:
    """float64 as in the reference, where asked for and where the device has it (MPS has not); else float32."""
    precise = not settings.mends and velocity.device.type != "mps"
    return torch.float64 if precise else torch.float32
