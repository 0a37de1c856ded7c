"""Solvers: one step of the latent along the velocity, from one noise level to the next.

Latents and velocities are [B, 8, 16, T] float32. Formulas from the ACE-Step v1 reference.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from torch import Tensor

from music_engine.ace_step.sampling.settings import SamplingSettings
from music_engine.ace_step.schedule import Schedule


class Solver(Protocol):
    """Follows a schedule, one velocity at a time."""

    def advance(self, latent: Tensor, velocity: Tensor, call: int) -> Tensor:
        """The latent at the next noise level. call: 0-based, which velocity of the schedule this is."""
        ...


@dataclass(frozen=True, slots=True)
class Omega:
    """The stretch of a step's deviations from its mean ("granularity").

    factor: 0.9 + 0.2 / (1 + e^(-0.1 omega)), within 0.9..1.1. The mean is per item; over_batch takes it over the whole
    batch, as the reference does, where items then change each other by about 1e-3.
    """

    factor: float
    over_batch: bool = False

    @classmethod
    def of(cls, omega: float, *, over_batch: bool = False) -> Omega:
        """omega: any; 0 stretches nothing."""
        return cls(0.9 + 0.1 * (1 + math.tanh(0.05 * omega)), over_batch)  # the logistic, without its overflow

    def stretch(self, step: Tensor) -> Tensor:
        """step: what a solver would add to the latent."""
        mean = step.mean() if self.over_batch else step.mean(dim=(1, 2, 3), keepdim=True)
        return (step - mean) * self.factor + mean


@dataclass(slots=True)
class Euler:
    """One velocity a step."""

    schedule: Schedule
    omega: Omega | None = None

    def advance(self, latent: Tensor, velocity: Tensor, call: int) -> Tensor:
        """x + (σ' - σ) v, stretched where there is an omega."""
        step = velocity * float(self.schedule.sigmas[call + 1] - self.schedule.sigmas[call])
        return latent + (self.omega.stretch(step) if self.omega else step)


@dataclass(slots=True)
class Heun:
    """Two velocities a step, at its beginning and at its predicted end; the last step is Euler's."""

    schedule: Schedule  # `twice`
    omega: Omega
    _begun: tuple[Tensor, Tensor, float] | None = field(default=None, init=False)  # latent, velocity, σ' - σ

    def advance(self, latent: Tensor, velocity: Tensor, call: int) -> Tensor:
        """Even calls predict the end of a step, odd ones correct it; the last prediction, of σ = 0, stands."""
        if self._begun is not None:
            beginning, first, stride = self._begun
            self._begun = None
            return beginning + self.omega.stretch(0.5 * (first + velocity) * stride)
        stride = float(self.schedule.sigmas[call + 1] - self.schedule.sigmas[call])
        self._begun = (latent, velocity, stride)
        return latent + self.omega.stretch(velocity * stride)


@dataclass(slots=True)
class PingPong:
    """To the clean latent and back to the next noise level, with fresh noise each step. Knows no omega."""

    schedule: Schedule
    fresh_noise: Callable[[], Tensor]

    def advance(self, latent: Tensor, velocity: Tensor, call: int) -> Tensor:
        """(1 - σ') (x - σ v) + σ' ε; ε is drawn at the last step too, where σ' is 0."""
        sigma, following = (float(level) for level in self.schedule.sigmas[call : call + 2])
        clean = latent - sigma * velocity
        return (1 - following) * clean + following * self.fresh_noise()


def solver_for(settings: SamplingSettings, schedule: Schedule, fresh_noise: Callable[[], Tensor]) -> Solver:
    """The solver that the settings name, for a schedule made by them. fresh_noise: gives [B, 8, 16, T] a call."""
    omega = Omega.of(settings.omega, over_batch=not settings.mends)
    if settings.solver == "ping_pong":
        return PingPong(schedule, fresh_noise)
    return Heun(schedule, omega) if settings.solver == "heun" else Euler(schedule, omega)
