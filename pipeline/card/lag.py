"""How late a grid of beats is heard, along a cue: the likeliest lag of every stretch, one drifting into the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.card.evidence import Series
from pipeline.card.pulse import at

STEP_S = 0.005  # between two lags
_STRETCH_S = 5.0  # a lag is read over about this long …
_LEAST_BEATS, _MOST_BEATS = 4, 16  # … and over so many beats
_DRIFT = 0.02  # most a tempo may run away within a cue, relative
_USUAL_DRIFT = 0.004  # what costs half a deviation of one beat


@dataclass(frozen=True, slots=True)
class Lag:
    """late_s: [N] how late each beat is heard. sure: how far the beats stand out, deviations."""

    late_s: Series
    sure: float


def lags_within(most_s: float) -> Series:
    """[L] the lags from −most_s to most_s, STEP_S apart, 0 among them."""
    count = int(most_s / STEP_S)
    return np.arange(-count, count + 1, dtype=np.float64) * STEP_S


def follow(curve: Series, beats_s: Series, lags_s: Series, likely: Series) -> Lag:
    """The lag of a grid along an onset curve of mean 0 and deviation 1.

    beats_s: [N] rising, from the curve's start. likely: [L] what else speaks for each lag, in deviations a beat. The
    best path through the stretches (Viterbi), which may drift by 2 % of the time and no faster.
    """
    heard = at(curve, beats_s[:, None] + lags_s[None, :])  # [N, L]
    beat_s = float(np.median(np.diff(beats_s)))
    size = int(np.clip(round(_STRETCH_S / beat_s), _LEAST_BEATS, _MOST_BEATS))
    stretches = np.array_split(np.arange(beats_s.size), max(1, beats_s.size // size))
    merits = np.stack([heard[these].sum(axis=0) + likely * these.size for these in stretches])
    middles_s = np.array([beats_s[these].mean() for these in stretches])
    path = _best_path(merits, np.diff(middles_s))
    late_s = np.interp(beats_s, middles_s, lags_s[path])
    sure = sum(heard[these, place].sum() for these, place in zip(stretches, path, strict=True))
    return Lag(late_s, float(sure) / beats_s.size**0.5)


def _best_path(merits: Series, apart_s: Series) -> list[int]:
    """The places, one a row, of the greatest sum of merits less what the drifts between them cost."""
    best, came_from = merits[0], []
    for row, gap_s in zip(merits[1:], apart_s, strict=True):
        most = max(1, int(_DRIFT * gap_s / STEP_S))
        shifts = np.arange(-most, most + 1)
        cost = 0.5 * (shifts * STEP_S / (_USUAL_DRIFT * gap_s)) ** 2
        padded = np.pad(best, most, constant_values=-np.inf)
        windows = np.lib.stride_tricks.sliding_window_view(padded, shifts.size) - cost  # [L, shifts]
        chosen = windows.argmax(axis=1)
        came_from.append(np.arange(best.size) + shifts[chosen])
        best = windows[np.arange(best.size), chosen] + row
    path = [int(best.argmax())]
    for step in reversed(came_from):
        path.append(int(step[path[-1]]))
    return path[::-1]
