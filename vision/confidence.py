"""How far to trust the `colour-motion` curve at each time. Never far."""

from __future__ import annotations

import numpy as np

from scoring.analysis import Curve
from vision.cues import Evidence

# Unfitted directions such as ours reach r ≈ .21 to .23 for valence on photographs and film clips (colourfulness alone)
# and .21 for arousal on film clips (motion and cuts); ridge regression on 88 features reaches .26 to .33 on unseen
# themes and films. Confidence is on that scale of r: BASE is what our cues reach, and nothing lifts it over CEILING.
BASE = 0.24
SOUND_ADDS = 0.06  # loudness is causal for arousal (Dean, Bailes & Schubert 2011), but speaks for one axis of two
CEILING = 0.35
WITHOUT_COLOUR = 0.65  # factor: the one cue for valence that holds on both rated sets is gone
UNSEEN = 0.35  # factor where the picture is a plain field: movement and sound are left
ENOUGH_STILLS = 6  # three seconds; with fewer nothing is known of the film's own range


def confidence(evidence: Evidence) -> Curve:
    """[T] 0..CEILING. Lower without colour, without sound, where there is nothing to see, and for a few stills."""
    reached = BASE + (SOUND_ADDS if evidence.audible else 0.0)
    colour = WITHOUT_COLOUR + (1.0 - WITHOUT_COLOUR) * evidence.coloured
    seen = UNSEEN + (1.0 - UNSEEN) * evidence.visible
    known = 0.5 + 0.5 * min(1.0, evidence.stills / ENOUGH_STILLS)
    return np.minimum(reached * colour * seen * known, CEILING)
