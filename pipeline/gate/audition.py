"""Judge a take before it is laid under the film."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from pipeline.card.card import measure_take
from pipeline.card.evidence import CuePlan, Evidence, Plan
from pipeline.card.row import Row
from pipeline.card.tracking import track_of
from scoring.request import CueAudio, CueRequest, Samples
from scoring.timebase import SAMPLE_RATE_HZ, TimeRange, seconds_of
from scoring.wishes.obeying import sings

SAFETY = "S1"  # rows of this family withhold music
_BLOCK_SAMPLES = SAMPLE_RATE_HZ


def audition(audio: CueAudio, request: CueRequest, *, is_exact: bool) -> tuple[Row, ...]:
    """The rows that a take can be judged by. Times are seconds from the cue's start. is_exact: see CuePlan."""
    lead_s = seconds_of(audio.lead_in_samples)
    # What rings after the cue's end fades into the next one; it is no part of what was asked.
    body = audio.audio[:, : audio.lead_in_samples + audio.body_samples]
    track = track_of(_blocks(body), -lead_s)
    plan = CuePlan(
        id=request.cue_id,
        range=TimeRange(0.0, request.duration_s),
        bpm=request.bpm,
        key=request.key,
        beats_s=audio.beats_s,
        bars_s=audio.bars_s,
        intensity=request.intensity,
        hits=tuple(hit for hit in request.hit_points if hit.weight > 0),
        chords=tuple((chord.time_s, chord.symbol) for chord in audio.chords),
        engine=audio.engine,
        is_exact=is_exact,
        is_instrumental=request.lyrics is None and not sings(request.wishes),
        arousal=request.arousal,
        ends=request.ending,
    )
    return measure_take(Evidence(request.duration_s, track, plan=Plan((plan,))))


def failed(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows that fail."""
    return tuple(row for row in rows if row.status == "fail")


def unsafe(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Those of them for which music is withheld."""
    return tuple(row for row in failed(rows) if row.id.startswith(SAFETY))


def badness(rows: Sequence[Row]) -> tuple[int, int, int]:
    """What makes one take worse than another: unsafe rows, failed rows, warnings."""
    return len(unsafe(rows)), len(failed(rows)), sum(row.status == "warn" for row in rows)


def _blocks(audio: Samples) -> Iterator[Samples]:
    for start in range(0, audio.shape[1], _BLOCK_SAMPLES):
        yield np.ascontiguousarray(audio[:, start : start + _BLOCK_SAMPLES])
