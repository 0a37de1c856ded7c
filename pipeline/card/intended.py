"""How loud the plan means the music to be, one moment against another."""

from __future__ import annotations

import numpy as np

from pipeline.card.evidence import CuePlan, Series

# The house's law for every engine, as the composer plays it: within a cue by its intensity against the cue's own mean,
# between cues by mean intensity and arousal.
SWELL_LU = 6.5  # from the least to the most intense moment possible
MOST_SWELL_LU = 3.5  # either way
INTENSITY_LU, AROUSAL_LU = 5.0, 2.5
_POINTS = 200


def intended_lu(cue: CuePlan, times_s: Series) -> Series:
    """Level at film times, LU against a cue of middling intensity and no arousal."""
    marks = cue.intensity or ((cue.range.start_s, 0.5),)
    at_s, values = (np.array(column) for column in zip(*marks, strict=True))
    mean = float(np.interp(np.linspace(cue.range.start_s, cue.range.end_s, _POINTS), at_s, values).mean())
    swell = np.clip(SWELL_LU * (np.interp(times_s, at_s, values) - mean), -MOST_SWELL_LU, MOST_SWELL_LU)
    return np.asarray(swell + INTENSITY_LU * (mean - 0.5) + AROUSAL_LU * cue.arousal)
