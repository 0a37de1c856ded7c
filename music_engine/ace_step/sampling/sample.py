"""The sampler's front door: words and noise in, latents out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from music_engine.ace_step.sampling.edit import Edit, edited
from music_engine.ace_step.sampling.guided import GuidedModel
from music_engine.ace_step.sampling.model import VelocityModel
from music_engine.ace_step.sampling.noise import Noise
from music_engine.ace_step.sampling.plan import Plan
from music_engine.ace_step.sampling.prompt import Prompt, fitted
from music_engine.ace_step.sampling.settings import SamplingSettings
from music_engine.ace_step.sampling.solver import Euler, Solver, solver_for
from music_engine.ace_step.sampling.tasks import AudioToAudio, Extend, Repaint, Retake, TextToMusic
from music_engine.ace_step.watch import Watch
from scoring.errors import InputError

Task = TextToMusic | Retake | Repaint | Extend | AudioToAudio | Edit


@torch.no_grad()
def sample(
    model: VelocityModel,
    prompts: Sequence[Prompt],
    task: Task,
    settings: SamplingSettings,
    noise: Noise,
    *,
    progress: Callable[[float], None] = lambda share: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Tensor:
    """Latents for a batch of items of one length, [B, 8, 16, T] float32, on the device of the prompts' text.

    prompts: one per item. noise: for as many items; see SeededNoise. progress: called with the share done, rising to 1.
    cancelled: asked before every pass of the model. With compat="fixed" an item comes out the same alone and in a
    batch. Raises InputError for what cannot be done, Cancelled when told to stop.
    """
    watch = Watch(progress, cancelled)
    watch.check()
    if not prompts:
        raise InputError("there is no prompt to sample for", "Give one for every item")
    words = fitted(prompts, settings)
    if isinstance(task, Edit):
        return edited(model, words, task, settings, noise, watch)
    plan = task.plan(settings, noise).to(words[0].text.device)
    if len(plan.latent) != len(words):
        raise InputError(f"there is noise for {len(plan.latent)} items and {len(words)} prompts", "Give one for each")
    guided = GuidedModel(model, words, settings, plan, watch)
    solver = _solver(plan, settings, noise)
    latent = plan.latent
    for call in plan.calls:
        latent = solver.advance(latent, guided.velocity(latent, call), call)
        if plan.kept is not None:
            latent = plan.kept.restored(latent, float(plan.schedule.sigmas[call + 1]))
        progress((call + 1 - plan.first_call) / len(plan.calls))
    return latent


def _solver(plan: Plan, settings: SamplingSettings, noise: Noise) -> Solver:
    if plan.kept is not None:
        return Euler(plan.schedule)
    frames, device = plan.latent.shape[-1], plan.latent.device
    return solver_for(settings, plan.schedule, lambda: noise.step(frames).to(device))
