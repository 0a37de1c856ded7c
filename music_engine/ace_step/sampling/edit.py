"""Editing: music that follows other words, led by a source instead of by noise.

Kulikov et al. 2024, "FlowEdit", https://arxiv.org/abs/2412.08629, as the ACE-Step v1 reference uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from music_engine.ace_step.sampling.conditioned import ConditionedModel
from music_engine.ace_step.sampling.conditions import edit_variants_for
from music_engine.ace_step.sampling.guidance import Momentum, adaptive_projected
from music_engine.ace_step.sampling.guided import projection_dtype
from music_engine.ace_step.sampling.model import VelocityModel
from music_engine.ace_step.sampling.noise import Noise
from music_engine.ace_step.sampling.plan import schedule_for
from music_engine.ace_step.sampling.prompt import Prompt, fitted
from music_engine.ace_step.sampling.settings import SamplingSettings
from music_engine.ace_step.sampling.solver import Euler, PingPong, Solver
from music_engine.ace_step.watch import Watch
from scoring.errors import InputError


@dataclass(frozen=True, slots=True)
class Edit:
    """The source, changed from its own words to the prompts'.

    source: [B, 8, 16, T]. source_prompts: what describes the source, one per item. n_min, n_max: shares of the steps,
    0 <= n_min <= n_max <= 1; before n_min nothing happens, from n_min to n_max the source leads, after n_max only the
    prompts do. n_avg: noises averaged at each led step, at least 1. The noise is drawn from the retake seeds.
    Guidance is always apg at every step, with neither interval nor weakening; Heun's method is not used.
    """

    source: Tensor
    source_prompts: Sequence[Prompt]
    n_min: float
    n_max: float
    n_avg: int = 1

    def __post_init__(self) -> None:
        if not 0.0 <= self.n_min <= self.n_max <= 1.0:
            raise InputError(f"the edit runs from {self.n_min!r} to {self.n_max!r}", "Give shares of the steps, rising")
        if self.n_avg < 1:
            raise InputError(f"the edit averages {self.n_avg} noises", "Give at least 1")

    @classmethod
    def only_lyrics(cls, source: Tensor, source_prompts: Sequence[Prompt]) -> Edit:
        """The reference's setting for new lyrics to the same music."""
        return cls(source, source_prompts, 0.6, 1.0)

    @classmethod
    def remix(cls, source: Tensor, source_prompts: Sequence[Prompt]) -> Edit:
        """The reference's setting for another style."""
        return cls(source, source_prompts, 0.2, 0.4)


class _Words:
    """A model under one side's words, always guided."""

    def __init__(
        self, model: VelocityModel, prompts: Sequence[Prompt], settings: SamplingSettings, watch: Watch
    ) -> None:
        variants = edit_variants_for(model, prompts, guided=settings.is_guided)
        self._variants = len(variants)
        self._settings = settings
        self._model = ConditionedModel(model, variants, watch)

    def velocity(self, latent: Tensor, timestep: float, momentum: Momentum | None) -> Tensor:
        """latent, result: [B, 8, 16, T] float32."""
        conditional, *unconditional = self._model.velocities(latent, timestep, self._variants)
        if not unconditional:
            return conditional
        settings = self._settings
        dtype = projection_dtype(settings, conditional)
        return adaptive_projected(conditional, unconditional[0], settings.guidance_scale, momentum, dtype=dtype)


class _Run:
    """One edit under way."""

    def __init__(
        self,
        model: VelocityModel,
        prompts: Sequence[Prompt],
        task: Edit,
        settings: SamplingSettings,
        noise: Noise,
        watch: Watch,
    ) -> None:
        self.source = task.source.float().to(prompts[0].text.device)
        self.schedule = schedule_for(settings, one_call=True)
        self._averaged = task.n_avg
        self._before = _Words(model, fitted(task.source_prompts, settings), settings, watch)
        self._after = _Words(model, prompts, settings, watch)
        # The reference damps the source's guidance while the source leads, and the prompts' only afterwards.
        self._before_momentum, self._free_momentum = Momentum(), Momentum()
        self._draws = _draws(noise, self.source)
        self._solver: Solver = Euler(self.schedule)
        self._led_solver: Solver = self._solver
        if settings.solver == "ping_pong":
            self._solver = PingPong(self.schedule, lambda: next(self._draws))
            self._led_solver = self._led_solver if settings.mends else _Idle(lambda: next(self._draws))

    def led(self, latent: Tensor, call: int) -> Tensor:
        """A step by what the two sides' velocities differ in, at the same noise."""
        sigma, timestep = float(self.schedule.sigmas[call]), float(self.schedule.timesteps[call])
        change = torch.zeros_like(latent)
        for _ in range(self._averaged):
            noisy = (1 - sigma) * self.source + sigma * next(self._draws)
            before = self._before.velocity(noisy, timestep, self._before_momentum)
            after = self._after.velocity(latent + noisy - self.source, timestep, None)
            change = change + (after - before) / self._averaged
        return self._led_solver.advance(latent, change, call)

    def released(self, latent: Tensor, call: int) -> Tensor:
        """The latent, until now without noise, at the noise level of a call."""
        return latent + float(self.schedule.sigmas[call]) * (next(self._draws) - self.source)

    def free(self, latent: Tensor, call: int) -> Tensor:
        """A step by the prompts' velocity alone."""
        velocity = self._after.velocity(latent, float(self.schedule.timesteps[call]), self._free_momentum)
        return self._solver.advance(latent, velocity, call)


@dataclass(frozen=True, slots=True)
class _Idle:
    """What the reference's ping-pong does while the source leads: it draws noise and leaves the latent as it is."""

    draw: Callable[[], Tensor]

    def advance(self, latent: Tensor, velocity: Tensor, call: int) -> Tensor:
        self.draw()
        return latent


def edited(
    model: VelocityModel,
    prompts: Sequence[Prompt],
    task: Edit,
    settings: SamplingSettings,
    noise: Noise,
    watch: Watch,
) -> Tensor:
    """The edited latents, [B, 8, 16, T] float32. Raises InputError, Cancelled."""
    _require_possible(prompts, task, settings)
    run = _Run(model, prompts, task, settings, noise, watch)
    first, led = settings.whole(settings.steps * task.n_min), settings.whole(settings.steps * task.n_max)
    calls = range(first, run.schedule.calls)
    latent = run.source
    for call in calls:
        if call < led:
            latent = run.led(latent, call)
        else:
            latent = run.free(run.released(latent, call) if call == led else latent, call)
        watch.progress((call + 1 - first) / len(calls))
    return latent


def _require_possible(prompts: Sequence[Prompt], task: Edit, settings: SamplingSettings) -> None:
    if settings.oss_steps:
        raise InputError(f"an edit was asked for with oss_steps {settings.oss_steps}", "Leave oss_steps empty")
    if len(prompts) != len(task.source_prompts) or len(prompts) != len(task.source):
        raise InputError(
            f"the edit has {len(task.source)} sources, {len(task.source_prompts)} descriptions of them and "
            f"{len(prompts)} prompts",
            "Give one of each for every item",
        )
    if len(prompts) > 1 and not settings.mends:
        raise InputError(f"the reference edits one item at a time, not {len(prompts)}", 'Take compat="fixed"')


def _draws(noise: Noise, like: Tensor) -> Iterator[Tensor]:
    while True:
        drawn = noise.retake(like.shape[-1])
        if len(drawn) != len(like):
            raise InputError(f"there is noise for {len(drawn)} items and {len(like)} sources", "Give one for each")
        yield drawn.to(like.device)
