"""How a cue ends: the model plays on for as long as it is asked, so what is to die away is faded here."""

from __future__ import annotations

import numpy as np

from scoring.request import CueRequest, Samples
from scoring.timebase import SAMPLE_RATE_HZ

SHORTEST_FADE_S = 1.5  # a faster one sounds like a fault (design choice)
LONGEST_SHARE = 0.5  # of the body; a short cue keeps its first half whole


def fade_out(audio: Samples, request: CueRequest, lead_in: int, body: int) -> None:
    """Fade a cue that rings out or ends, in place. audio: [2, lead-in | body | tail].

    The fade fills the tail; where that is shorter than SHORTEST_FADE_S it starts within the body. Others go on: the
    cue after them, or a cut, takes over.
    """
    if request.ending not in ("ring_out", "end"):
        return
    tail = audio.shape[1] - lead_in - body
    into_body = min(max(0, round(SHORTEST_FADE_S * SAMPLE_RATE_HZ) - tail), round(LONGEST_SHARE * body))
    length = tail + into_body
    if length:
        # A raised cosine leaves and arrives without a corner.
        curve = 0.5 + 0.5 * np.cos(np.pi * (np.arange(length) + 1) / length)
        audio[:, -length:] *= curve.astype(np.float32)
