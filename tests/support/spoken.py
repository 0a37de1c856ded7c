"""Speech with its truth, and how well regions agree with a truth: everything per 10 ms frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from noises import RATE_HZ, Sound
from numpy.typing import NDArray

from scoring.timebase import TimeRange

FRAME_SAMPLES = RATE_HZ // 100
Truth = NDArray[np.bool_]

QUIET_DB = -24.0  # below the loudest tenth of the recording: its room lies 28 dB below, seen on a plot
CLOSURE_FRAMES = 20  # a stop's closure lasts up to 0.2 s and belongs to the word
CLICK_FRAMES = 4  # what rises for less than 50 ms by itself is no sound of speech


def read_sound(path: Path) -> Sound:
    """[2, n] float32 at 48 kHz of an ogg or opus file."""
    import soundfile
    import soxr

    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    samples = samples if rate_hz == RATE_HZ else soxr.resample(samples, rate_hz, RATE_HZ)
    return np.ascontiguousarray(np.repeat(samples.T, 2, axis=0)[:2] if samples.shape[1] == 1 else samples.T)


def truth_of(clean: Sound) -> Truth:
    """[n // 480] where a clean recording of one voice is above its room, closures filled."""
    count = clean.shape[1] // FRAME_SAMPLES
    power = np.square(clean.mean(axis=0))[: count * FRAME_SAMPLES].reshape(count, FRAME_SAMPLES).mean(axis=1)
    level_db = 10 * np.log10(power + 1e-12)
    loud = level_db > np.percentile(level_db, 90) + QUIET_DB
    loud = _without_runs(loud, CLICK_FRAMES)
    return ~_without_runs(~loud, CLOSURE_FRAMES)


def frames_of(regions: Sequence[TimeRange], count: int) -> Truth:
    """[count] the frames whose middle lies in a region."""
    middles_s = (np.arange(count) + 0.5) / 100
    inside = np.zeros(count, np.bool_)
    for region in regions:
        inside |= (middles_s >= region.start_s) & (middles_s < region.end_s)
    return inside


def f1(found: Truth, truth: Truth) -> float:
    """2 × right / (found + true); 1 where there is nothing to find and nothing was found."""
    total = int(found.sum() + truth.sum())
    return 2 * int((found & truth).sum()) / total if total else 1.0


def _without_runs(holds: Truth, longest: int) -> Truth:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], holds.astype(np.int8), [0]])))
    kept = holds.copy()
    for first, last in edges.reshape(-1, 2):
        if last - first <= longest:
            kept[first:last] = False
    return kept
