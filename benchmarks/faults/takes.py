"""What the gate says of takes that are right: each cue's, by itself, as it is judged before it is laid."""

from __future__ import annotations

import numpy as np

from pipeline.card.row import Row
from pipeline.gate.audition import audition
from pipeline.report.run import Run
from pipeline.stages.requests import requests_of
from scoring.request import CueAudio


def auditioned(run: Run) -> list[tuple[str, tuple[Row, ...]]]:
    """(cue, its take's rows) of a film."""
    found = []
    requests = requests_of(run.sheet, run.heard.speech_to_clear(run.job.wish))
    for request, take in zip(requests, run.composed.score.takes, strict=True):
        stems = run.composed.open_take(take)
        try:
            sound = np.sum(list(stems.read(0, take.total_samples).values()), axis=0)
        finally:
            stems.close()
        audio = CueAudio(
            take.cue_id, take.engine, sound, take.lead_in_samples, take.body_samples, take.beats_s, take.bars_s,
            chords=take.chords,
        )  # fmt: skip
        found.append((take.cue_id, audition(audio, request, is_exact=take.engine in run.composed.by.exact)))
    return found


def composed_again(run: Run) -> list[str]:
    """A sentence for each cue that the gate had composed again."""
    return [
        f"{take.cue_id}: {len(take.tried)} takes; the first failed {', '.join(take.tried[0].failed)}"
        for take in run.composed.score.takes
        if take.tried
    ]
