"""What is asked of an engine for each cue of a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scoring.cue_sheet import Cue, CueSheet
from scoring.request import CueRequest, request_for
from scoring.timebase import TimeRange

TAIL_S = 4.0  # the longest ring-out asked for; the composer's longest reverb falls by 60 dB in less


def requests_of(sheet: CueSheet, speech: Sequence[TimeRange]) -> list[CueRequest]:
    """One request per cue, in order. speech: where the music must make room, film time."""
    requests = []
    for before, cue in zip([None, *sheet.cues], sheet.cues, strict=False):
        request = request_for(sheet, cue, lead_in_s=lead_in_s(before, cue), tail_s=TAIL_S, speech=speech)
        if request.is_last:
            # The film's end leaves no room to ring after it, unless a planned silence does.
            request = replace(request, tail_s=min(TAIL_S, max(0.0, sheet.duration_s - cue.out_s)))
        requests.append(request)
    return requests


def lead_in_s(before: Cue | None, cue: Cue) -> float:
    """A beat, or half of a longer crossfade from the cue before, which is centred on this one's first sample."""
    if before is None:
        return 0.0
    overlap_beats = before.transition.beats if before.transition.kind == "crossfade" else 0.0
    return max(cue.beat_s, min(overlap_beats * before.beat_s / 2, TAIL_S))
