"""What the sampler can be asked to do. Each task plans its own start; the loop is the same for all but Edit.

Every latent is [B, 8, 16, T]. Formulas from the ACE-Step v1 reference.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from music_engine.ace_step.sampling.noise import Noise
from music_engine.ace_step.sampling.plan import Kept, Plan, lowered_schedule_for, schedule_for
from music_engine.ace_step.sampling.ranges import FRAMES_PER_S, Added, FrameRange
from music_engine.ace_step.sampling.settings import SamplingSettings
from scoring.errors import InputError


@dataclass(frozen=True, slots=True)
class TextToMusic:
    """New music. frames: T, see codec.duration.latent_frames."""

    frames: int

    def plan(self, settings: SamplingSettings, noise: Noise) -> Plan:
        """From pure noise."""
        return Plan(noise.initial(self.frames), schedule_for(settings))


@dataclass(frozen=True, slots=True)
class Retake:
    """The music that the same seed gives, varied. variance: 0 (the same) .. 1 (as a different seed)."""

    frames: int
    variance: float

    def plan(self, settings: SamplingSettings, noise: Noise) -> Plan:
        """From a mixture of two noises."""
        _require_share("variance", self.variance)
        mixed = _mixed(noise.initial(self.frames), noise.retake(self.frames), self.variance)
        return Plan(mixed, schedule_for(settings))


@dataclass(frozen=True, slots=True)
class Repaint:
    """A part of the source made anew, the rest kept exactly.

    variance: how much of the schedule is run and how far the noise differs from the seed's, 0 (the source stays) .. 1.
    With compat="reference" a range over the whole source is a Retake that ignores the source.
    """

    source: Tensor
    start_s: float
    end_s: float
    variance: float = 0.2

    def plan(self, settings: SamplingSettings, noise: Noise) -> Plan:
        """From the source with noise, late in the schedule. Raises InputError for a range outside the source."""
        _require_share("variance", self.variance)
        frames = self.source.shape[-1]
        span = FrameRange.between(self.start_s, self.end_s, settings)
        if settings.mends:
            span.within(frames)
        elif span.end - span.start == frames:
            return Retake(frames, self.variance).plan(settings, noise)
        frame = torch.arange(frames)
        mask = (frame >= span.start) & (frame < span.end)
        seeded = noise.initial(frames)
        varied = _mixed(seeded, noise.retake(frames), self.variance)
        source = matched(self.source, seeded)
        return _kept_plan(source, torch.where(mask, varied, seeded), mask, self.variance, settings)


@dataclass(frozen=True, slots=True)
class Extend:
    """The source, kept exactly, with new music before or after it.

    start_s: negative, by how much earlier than the source to start, or 0. end_s: where to end, in the source's time.
    variance: how much of the schedule is run; 1 is what an extension needs.
    """

    source: Tensor
    start_s: float
    end_s: float
    variance: float = 1.0

    @classmethod
    def by(cls, source: Tensor, *, left_s: float = 0.0, right_s: float = 0.0) -> Extend:
        """An extension by so many seconds on each side."""
        return cls(source, -left_s, source.shape[-1] / FRAMES_PER_S + right_s)

    def plan(self, settings: SamplingSettings, noise: Noise) -> Plan:
        """From noise: the retake seeds' on the added sides, the seeds' between. Raises InputError, see Added."""
        _require_share("variance", self.variance)
        frames = self.source.shape[-1]
        added = Added.around(frames, FrameRange.between(self.start_s, self.end_s, settings), settings)
        seeded = noise.initial(frames)
        # The reference draws as many frames as the source has, so it has none for a longer extension, and the two sides
        # share some where together they are longer.
        fresh = noise.retake(max(frames, added.left + added.right) if settings.mends else frames)
        left, right = fresh[..., : added.left], fresh[..., fresh.shape[-1] - added.right :]
        source = torch.nn.functional.pad(matched(self.source, seeded), (added.left, added.right))
        mask = torch.ones(source.shape[-1], dtype=torch.bool)
        mask[added.left : added.left + frames] = False
        return _kept_plan(source, torch.cat([left, seeded, right], dim=-1), mask, self.variance, settings)


@dataclass(frozen=True, slots=True)
class AudioToAudio:
    """New music that follows a reference. strength: 0 (not at all) .. 1 (the reference itself).

    retake_variance: as in Retake; needs retake seeds where it is over 0.
    """

    reference: Tensor
    strength: float
    retake_variance: float = 0.0

    def plan(self, settings: SamplingSettings, noise: Noise) -> Plan:
        """From the reference with noise, on a schedule that starts lower.

        The model is told a higher noise level than the latent has (0.90 for 0.75 at strength 0.5), as in the reference.
        Where the strength leaves no step to run the result is the reference itself; the reference implementation breaks
        there, so with compat="reference" this raises InputError.
        """
        _require_share("strength", self.strength)
        fresh = noise.initial(self.reference.shape[-1])
        reference = matched(self.reference, fresh)
        steps = settings.whole((1 - self.strength) * settings.steps)
        if steps == 0:
            return self._unchanged(reference, settings)
        schedule = lowered_schedule_for(settings, steps, 1 - self.strength)
        if self.retake_variance:
            fresh = _mixed(fresh, noise.retake(fresh.shape[-1]), self.retake_variance)
        return Plan((1 - schedule.start_sigma) * reference + schedule.start_sigma * fresh, schedule)

    def _unchanged(self, reference: Tensor, settings: SamplingSettings) -> Plan:
        if not settings.mends:
            raise InputError(
                f"strength {self.strength} leaves none of {settings.steps} steps, and the reference cannot run none",
                'Take compat="fixed", which gives the reference audio back, or a lower strength',
            )
        schedule = schedule_for(settings)
        return Plan(reference, schedule, first_call=schedule.calls)


def _mixed(seeded: Tensor, other: Tensor, variance: float) -> Tensor:
    """cos φ seeded + sin φ other with φ = variance · π / 2, which is standard normal too."""
    angle = variance * math.pi / 2
    return math.cos(angle) * seeded + math.sin(angle) * other


def matched(source: Tensor, noise: Tensor) -> Tensor:
    """A source for every item of the noise; one source serves them all. Raises InputError when the counts differ."""
    if len(source) not in (1, len(noise)) or source.shape[1:] != noise.shape[1:]:
        raise InputError(
            f"the source latents are {list(source.shape)} and the noise is {list(noise.shape)}",
            "Give one source, or one for every item, each [8, 16, T]",
        )
    return source.detach().to("cpu", torch.float32).expand_as(noise)


def _kept_plan(source: Tensor, noise: Tensor, mask: Tensor, variance: float, settings: SamplingSettings) -> Plan:
    """A run over part of the schedule, from the source with as much noise as that part begins with."""
    schedule = schedule_for(settings, one_call=True)
    kept = Kept(source, noise, mask)
    # The reference counts the planned steps, also where only chosen ones are run.
    steps = schedule.steps if settings.mends else settings.planned_steps
    first_call = settings.whole(steps * (1 - variance))
    if first_call >= schedule.calls:  # no step at all: the reference then returns the noise it never began with
        return Plan(source if settings.mends else noise, schedule, schedule.calls)
    return Plan(kept.noisy(float(schedule.sigmas[first_call])), schedule, first_call, kept)


def _require_share(name: str, found: float) -> None:
    if not 0.0 <= found <= 1.0:
        raise InputError(f"the {name} is {found!r}", "Allowed: 0 to 1")
