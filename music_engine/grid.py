"""The planned beats of a cue: where they fall if its tempo is held exactly."""

from __future__ import annotations

import math

from scoring.request import CueRequest


def first_bar_line_s(request: CueRequest) -> float:
    """The first bar line within the cue, seconds from its start: a downbeat more than a bar away leaves whole bars
    before it."""
    bar_s = 60.0 / request.bpm * request.metre.beats
    return max(request.first_downbeat_s - math.floor(request.first_downbeat_s / bar_s + 1e-6) * bar_s, 0.0)


def planned_grid(request: CueRequest) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """(beats, bars): every one in [0, duration], seconds from the cue's start."""
    beat_s, origin_s = 60.0 / request.bpm, first_bar_line_s(request)
    first = -int(origin_s / beat_s + 1e-9)
    last = int((request.duration_s - origin_s) / beat_s + 1e-6)
    times = {beat: min(max(origin_s + beat * beat_s, 0.0), request.duration_s) for beat in range(first, last + 1)}
    return tuple(times.values()), tuple(time for beat, time in times.items() if beat % request.metre.beats == 0)
