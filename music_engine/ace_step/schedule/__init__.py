"""The noise schedule of the ACE-Step v1 sampler: which noise levels it visits, and what the model is told there."""

from music_engine.ace_step.schedule.schedule import Schedule, chosen_schedule, flow_schedule
from music_engine.ace_step.schedule.shift import SHIFT, shifted, training_sigmas

__all__ = ["SHIFT", "Schedule", "chosen_schedule", "flow_schedule", "shifted", "training_sigmas"]
