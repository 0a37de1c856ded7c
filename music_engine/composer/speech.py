"""Speech as the composer takes it: where the music stays thin."""

from __future__ import annotations

from scoring.request import CueRequest
from scoring.timebase import TimeRange

SWELL_GAP_S = 3.0  # in shorter gaps the music stays thin


def spoken(request: CueRequest) -> tuple[TimeRange, ...]:
    """The cue's speech with gaps shorter than SWELL_GAP_S closed. Seconds from the cue's start."""
    closed: list[TimeRange] = []
    for stretch in sorted(request.speech, key=lambda stretch: stretch.start_s):
        if closed and stretch.start_s - closed[-1].end_s < SWELL_GAP_S:
            closed[-1] = TimeRange(closed[-1].start_s, max(closed[-1].end_s, stretch.end_s))
        else:
            closed.append(stretch)
    return tuple(closed)
