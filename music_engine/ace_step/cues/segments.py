"""Cues longer than the model makes in one go: segments that overlap and are faded over each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from music_engine.ace_step.cues.lengths import MOST_SAMPLES
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

OVERLAP_SAMPLES = 4 * SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a cue, in samples at 48 kHz from the cue's first."""

    start: int
    samples: int


def cut(total: int, most: int = MOST_SAMPLES) -> tuple[Segment, ...]:
    """One segment where the cue fits into `most` samples, else equal ones that overlap by OVERLAP_SAMPLES."""
    if total <= most:
        return (Segment(0, total),)
    count = math.ceil((total - OVERLAP_SAMPLES) / (most - OVERLAP_SAMPLES))
    length = math.ceil((total + (count - 1) * OVERLAP_SAMPLES) / count)
    starts = [number * (length - OVERLAP_SAMPLES) for number in range(count)]
    return tuple(Segment(start, min(length, total - start)) for start in starts)


def join(segments: Sequence[Segment], sounds: Sequence[Samples]) -> Samples:
    """The cue, [2, total]. sounds: of each segment, [2, its samples] or more.

    What meets was drawn from other noise, so it is uncorrelated: the fades keep the power, cos² + sin² = 1.
    """
    last = segments[-1]
    whole = np.zeros((2, last.start + last.samples), np.float32)
    angle = (np.arange(OVERLAP_SAMPLES, dtype=np.float64) + 0.5) / OVERLAP_SAMPLES * (np.pi / 2)
    for number, (segment, sound) in enumerate(zip(segments, sounds, strict=True)):
        piece = sound[:, : segment.samples].astype(np.float32, copy=True)
        if number:
            piece[:, :OVERLAP_SAMPLES] *= np.sin(angle).astype(np.float32)
        if number + 1 < len(segments):
            piece[:, -OVERLAP_SAMPLES:] *= np.cos(angle).astype(np.float32)
        whole[:, segment.start : segment.start + segment.samples] += piece
    return whole
