"""How late a grid of beats is heard: the lag and the drift at which the onsets fit it best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.card.evidence import Series
from pipeline.card.pulse import at

STEP_S = 0.005  # between two lags
MOST_DRIFT = 0.015  # relative; a tempo further off is another one
_STRETCH_BEATS = 8  # a stretch has its pulse or has none
_LEAST_STEP_S = 0.01  # between two drifts, where they are furthest apart
_DRIFT_COST = 0.05  # deviations a beat, for the most there is


@dataclass(frozen=True, slots=True)
class Lag:
    """late_s: [N] how late each beat is heard. drift: by how much later a second later. sure: how far the beats stand
    out, deviations."""

    late_s: Series
    drift: float
    sure: float


def lags_within(most_s: float) -> Series:
    """[L] the lags from −most_s to most_s, STEP_S apart, 0 among them."""
    count = int(most_s / STEP_S)
    return np.arange(-count, count + 1, dtype=np.float64) * STEP_S


def fit_lag(curve: Series, beats_s: Series, lags_s: Series, likely: Series) -> Lag:
    """The lag of a grid on an onset curve of mean 0 and deviation 1.

    beats_s: [N] rising, from the curve's start. likely: [L] what else speaks for each lag, in deviations a beat.
    Stretches of a few beats count by the square of how far they stand out, so that where only some of them have a
    pulse, those decide.
    """
    stretches = np.array_split(np.arange(beats_s.size), max(1, beats_s.size // _STRETCH_BEATS))
    sums = np.stack([at(curve, beats_s[s, None] + lags_s).sum(axis=0) / s.size**0.5 for s in stretches])
    squares = np.sign(sums) * sums**2  # [S, L]; of noise: mean 0, variance 3
    middles_s = np.array([beats_s[these].mean() for these in stretches])
    from_middle_s = middles_s - beats_s.mean()
    best, found = -np.inf, (0, 0.0, 0.0)
    for drift in _drifts(float(beats_s[-1] - beats_s[0]), float(lags_s[-1])):
        total = _along(squares, np.round(drift * from_middle_s / STEP_S).astype(int))
        merit = np.sqrt(np.maximum(total, 0) / beats_s.size) + likely - _DRIFT_COST * abs(drift) / MOST_DRIFT
        place = int(merit.argmax())
        if merit[place] > best:
            best, found = float(merit[place]), (place, float(drift), float(total[place]))
    place, drift, total_there = found
    late_s = lags_s[place] + drift * (beats_s - beats_s.mean())
    return Lag(late_s, drift, total_there / (3 * len(stretches)) ** 0.5)


def _drifts(length_s: float, most_s: float) -> Series:
    """Drifts to try, so fine that a beat at either end moves by no more than _LEAST_STEP_S. In a long cue none that
    would move most of its beats by more than most_s."""
    furthest_s = min(MOST_DRIFT * length_s / 2, 2 * most_s)
    count = int(np.ceil(furthest_s / _LEAST_STEP_S))
    return 2 * furthest_s / length_s * np.arange(-count, count + 1, dtype=np.float64) / count


def _along(rows: Series, shifts: NDArray[np.int_]) -> Series:
    """[L] the sum of the rows, each read so many places further on; what lies outside counts nothing."""
    total = np.zeros(rows.shape[1])
    for row, shift in zip(rows, np.clip(shifts, -rows.shape[1], rows.shape[1]), strict=True):
        if shift >= 0:
            total[: row.size - shift] += row[shift:]
        else:
            total[-shift:] += row[:shift]
    return total
