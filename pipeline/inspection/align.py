"""Find a film's own sound inside its finished sound: how much later it comes there, or why that cannot be said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.inspection.excerpt import QUIET, RATE_HZ, Excerpt, Narrow
from scoring.timebase import SAMPLE_RATE_HZ

_BAND_HZ = (80.0, 1600.0)
_LONGEST_LAG_S = 300.0
_PIECE_S, _MOST_PIECES = 12.0, 24
_SEARCH_S = 5.0  # how far a piece is looked for from where most of the sound is
_CLEAR = 8.0  # times the scatter of the correlation: chance reaches 5 to 6 among millions of lags
_CLEAR_PIECE = 6.5  # and 4 to 5 among ten thousands
_ALIKE_SAMPLES = 4.0  # at 48 kHz: what taking the sound away makes up for by itself
_MOST_APART = 0.2  # the share of pieces that may lie elsewhere
_LEAST_FOUND = 0.5  # the share that must be heard at all, and of the shorter of both that must lie in the other
_STEADY = 0.1  # of the lags' variance: what a steady drift leaves; a cut leaves a quarter
_FINER = 48  # lags are read to a 48th of a narrow sample, a quarter of one at 48 kHz
_AROUND = 64
_AS_GOOD = 0.7  # of the highest correlation


@dataclass(frozen=True, slots=True)
class Alignment:
    """offset_samples: how much later, at 48 kHz, the source comes in the finished sound. pieces: how many stretches
    of it were looked for, and agree: how many were found in this very place."""

    offset_samples: int
    pieces: int
    agree: int


@dataclass(frozen=True, slots=True)
class Astray:
    """why: for people, a clause: "its sound is not heard in it"."""

    why: str


def align(whole: Excerpt, source: Excerpt) -> Alignment | Astray:
    """Where the source lies in the whole. Speed is not guessed: a source that drifts against the whole is astray."""
    longest = round(_LONGEST_LAG_S * RATE_HZ)
    lag, clearness = _lag(whole.head, source.head, -longest, longest)
    if clearness < _CLEAR:
        return Astray("its sound is not heard in it: another film, another speed, or sound that was replaced")
    shorter = min(whole.size, source.size)
    overlap = min(whole.size, source.size + round(lag)) - max(0, round(lag))
    lags = np.array(list(_pieces(whole, source, round(lag))) or [(0.0, lag)])
    heard = np.isfinite(lags[:, 1])
    if overlap < shorter * _LEAST_FOUND or heard.mean() < _LEAST_FOUND:
        return Astray("too little of its sound is heard in it: another film, another speed, or sound that was replaced")
    times_s, offsets = lags[heard, 0], lags[heard, 1] * (SAMPLE_RATE_HZ / RATE_HZ)
    near = np.abs(offsets - np.median(offsets)) <= _ALIKE_SAMPLES
    if near.mean() < 1 - _MOST_APART:
        return Astray(_apart(times_s, offsets))
    return Alignment(round(float(np.mean(offsets[near]))), len(lags), int(near.sum()))


def _apart(times_s: NDArray[np.float64], offsets: NDArray[np.float64]) -> str:
    """Whether the pieces drift or jump."""
    slope, start = np.polyfit(times_s, offsets, 1)
    left = float(np.var(offsets - start - slope * times_s))
    if len(offsets) > 2 and left <= _STEADY * float(np.var(offsets)):
        return f"it runs at another speed there, {-1e6 * float(slope) / SAMPLE_RATE_HZ:+.0f} parts in a million"
    return "it is cut differently there: its sound lies in several places"


def _pieces(whole: Excerpt, source: Excerpt, lag: int) -> Iterator[tuple[float, float]]:
    """(time, lag in narrow samples) of evenly spread stretches of the source; NaN where one is not heard in the whole.

    Stretches that are silent, or were not kept, are left out.
    """
    search = round(_SEARCH_S * RATE_HZ)
    length = min(round(_PIECE_S * RATE_HZ), source.size)
    places = range(0, source.size - length + 1, length)
    inside = [at for at in places if -search <= at + lag <= whole.size - length + search]
    for index in np.unique(np.linspace(0, len(inside) - 1, min(len(inside), _MOST_PIECES)).round().astype(int)):
        at = inside[index]
        alone = source.stretch(at, length)
        together = whole.stretch(at + lag - search, length + 2 * search)
        if alone is None or together is None or min(_rms(alone), _rms(together)) < QUIET:
            continue
        later, clearness = _lag(together, alone, 0, 2 * search, expected=search)
        yield at / RATE_HZ, lag + later - search if clearness >= _CLEAR_PIECE else np.nan


def _lag(together: Narrow, alone: Narrow, lowest: int, highest: int, expected: int = 0) -> tuple[float, float]:
    """By how many samples, lowest … highest, `alone` comes later in `together`, and how far that stands above scatter.

    Of places that are as good as each other, as in a hum, it is the one nearest to what is expected.

    A correlation in which every line of the spectrum counts alike (the phase transform), so that music that sounds
    along and the tones both have do not hide its peak.
    """
    from scipy.fft import irfft, next_fast_len, rfft
    from scipy.signal import resample

    if min(together.size, alone.size) == 0 or min(_rms(together), _rms(alone)) < QUIET / 10:
        return 0.0, 0.0
    size = next_fast_len(together.size + alone.size, real=True)
    cross = rfft(together, size) * np.conj(rfft(alone, size))
    hz = np.arange(cross.size, dtype=np.float32) * (RATE_HZ / size)
    strength = np.abs(cross)
    cross /= strength + 1e-6 * float(strength.max())
    cross[(hz < _BAND_HZ[0]) | (hz > _BAND_HZ[1])] = 0
    likeness = irfft(cross, size)
    lowest, highest = max(lowest, 1 - size // 2), min(highest, size // 2 - 1)
    lags = np.roll(likeness, -lowest)[: highest - lowest + 1]
    as_good = np.flatnonzero(lags >= _AS_GOOD * lags.max())
    peak = _summit(lags, int(as_good[np.argmin(np.abs(as_good + lowest - expected))]))
    scatter = float(np.sqrt(np.mean(likeness**2)))
    if scatter == 0.0:
        return 0.0, 0.0
    first = min(max(0, peak - _AROUND), max(0, lags.size - 2 * _AROUND))
    fine = resample(lags[first : first + 2 * _AROUND], lags[first : first + 2 * _AROUND].size * _FINER)
    # Around the peak only: what is resampled wraps round at its ends.
    low, high = (max(0, (peak - first + step) * _FINER) for step in (-1, 2))
    finest = low + int(np.argmax(fine[low:high]))
    return lowest + first + finest / _FINER, float(lags[peak]) / scatter


def _summit(values: NDArray[np.float32], at: int) -> int:
    """The place to which it only rises from there."""
    while True:
        first = max(0, at - 1)
        higher = first + int(np.argmax(values[first : at + 2]))
        if higher == at:
            return at
        at = higher


def _rms(samples: Narrow) -> float:
    return float(np.sqrt(np.mean(samples**2)))
