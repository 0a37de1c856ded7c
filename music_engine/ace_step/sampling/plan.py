"""Where a run starts and which noise levels it visits."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from music_engine.ace_step.sampling.settings import SamplingSettings
from music_engine.ace_step.schedule import Schedule, chosen_schedule, flow_schedule


@dataclass(frozen=True, slots=True)
class Kept:
    """The part of a latent that stays as it is in the source.

    source, noise: [B, 8, 16, T]. mask: [T] bool, true where music is made anew.
    """

    source: Tensor
    noise: Tensor
    mask: Tensor

    def noisy(self, sigma: float) -> Tensor:
        """The source at a noise level: (1 - σ) source + σ noise; at 0 the source itself, exactly."""
        return (1 - sigma) * self.source + sigma * self.noise

    def restored(self, latent: Tensor, sigma: float) -> Tensor:
        """The latent at a noise level, with the source's part put back."""
        return torch.where(self.mask, latent, self.noisy(sigma))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a task wants done.

    latent: [B, 8, 16, T], what the first call is given. first_call: the earlier calls of the schedule are left out.
    kept: the part of a source that stays; such runs take plain Euler steps, whatever the solver, as in the reference.
    """

    latent: Tensor
    schedule: Schedule
    first_call: int = 0
    kept: Kept | None = None

    def to(self, device: torch.device) -> Plan:
        """The same, where the model computes."""
        kept = self.kept and Kept(self.kept.source.to(device), self.kept.noise.to(device), self.kept.mask.to(device))
        return replace(self, latent=self.latent.to(device), kept=kept)

    @property
    def calls(self) -> range:
        """The calls of the schedule that are run."""
        return range(self.first_call, self.schedule.calls)


def schedule_for(settings: SamplingSettings, *, one_call: bool = False) -> Schedule:
    """The schedule of a run from pure noise. one_call: the run takes Euler steps, so Heun's second calls are idle.

    The reference makes those idle calls; compat="fixed" does not.
    """
    schedule = chosen_schedule(settings.oss_steps) if settings.oss_steps else flow_schedule(settings.steps)
    return _doubled_for(settings, schedule, one_call=one_call)


def lowered_schedule_for(settings: SamplingSettings, steps: int, sigma_max: float) -> Schedule:
    """The schedule of a run from a reference. steps: at least 1. sigma_max: 0..1, before the shift."""
    if settings.oss_steps:
        return chosen_schedule(settings.oss_steps, sigma_max)
    return _doubled_for(settings, flow_schedule(steps, sigma_max))


def _doubled_for(settings: SamplingSettings, schedule: Schedule, *, one_call: bool = False) -> Schedule:
    """The schedule with every level twice where the solver is Heun's."""
    idle = one_call and settings.mends
    return schedule.twice() if settings.solver == "heun" and not idle else schedule
