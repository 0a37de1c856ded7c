"""The bounds of what a person may write, in cues.json and in the timed prompt text. Design choices all."""

from __future__ import annotations

SHORTEST_CUE_S = 0.5  # as short as a film may be; spotting itself never goes below MINIMUM_CUE_S
LONGEST_FILM_S = 86_400.0
BPM_RANGE = (20.0, 400.0)
LONGEST_TOLERANCE_MS = 1000.0
LONGEST_OVERLAP_BEATS = 16.0
HIGHEST_SEED = 2**63 - 1  # what every generator of random numbers takes
UNLISTED_GAP_S = 0.001  # what a rounded time may leave open between two cues
