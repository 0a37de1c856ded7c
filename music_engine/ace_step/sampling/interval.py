"""Which steps are guided, and how strongly."""

from __future__ import annotations

from dataclasses import dataclass

from music_engine.ace_step.sampling.settings import SamplingSettings
from scoring.errors import InputError


@dataclass(frozen=True, slots=True)
class GuidanceInterval:
    """Guided steps start <= step < end, out of the schedule's."""

    start: int
    end: int
    settings: SamplingSettings

    @classmethod
    def of(cls, settings: SamplingSettings, steps: int) -> GuidanceInterval:
        """The middle share of a schedule's steps; none without guidance. steps: solver steps of the schedule."""
        if not settings.is_guided:
            return cls(0, 0, settings)
        start = settings.whole(steps * (1 - settings.guidance_interval) / 2)
        end = settings.whole(steps * (settings.guidance_interval / 2 + 0.5))
        return cls(start, end, settings)

    def __contains__(self, step: int) -> bool:
        return self.start <= step < self.end

    def scale_at(self, step: int) -> float:
        """The guidance scale at a guided step: g - (g - g_min) · progress · decay.

        A single guided step has no progress to speak of and takes the full scale. The reference divides by zero there,
        so with compat="reference" this raises InputError.
        """
        asked = self.settings
        if asked.guidance_interval_decay == 0:
            return asked.guidance_scale
        last = self.end - self.start - 1
        if last == 0 and not asked.mends:
            raise InputError(
                "guidance_interval_decay cannot be used with a single guided step in the reference",
                'Take compat="fixed", more steps or a wider guidance_interval',
            )
        progress = (step - self.start) / last if last else 0.0
        fall = (asked.guidance_scale - asked.min_guidance_scale) * progress * asked.guidance_interval_decay
        return asked.guidance_scale - fall
