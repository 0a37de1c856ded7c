"""The pulse of an onset curve: how it repeats, and how well a grid of beats fits it."""

from __future__ import annotations

import numpy as np

from pipeline.card.evidence import Series
from pipeline.card.track import ONSET_HZ, Floats

LEAST_BPM, MOST_BPM = 50.0, 200.0  # where a tempo is looked for when none is planned
_AROUND_S = 3.0  # an onset counts by how it stands out from this stretch
_ECHOES = 8  # beats after which the curve should still repeat
_USUAL_BPM, _USUAL_OCTAVES = 110.0, 1.0  # of two readings an octave apart, the one nearer to what is usual
_LEAST_ECHO = 0.1  # of what is no music's pulse, the best echo is 0.02 to 0.09


def accents(onset: Floats) -> Series:
    """[N] the onset curve made even: mean 0, deviation 1, so that neither one blow nor a loud part outweighs the rest.
    All zeros where nothing sounds."""
    from scipy.ndimage import uniform_filter1d

    curve = np.asarray(onset, np.float64)
    if curve.size == 0 or curve.max() <= 0:
        return np.zeros(curve.size)
    around = uniform_filter1d(curve, min(curve.size, round(_AROUND_S * ONSET_HZ)))
    even = np.sqrt(curve / (around + 0.02 * around.max()))
    even = np.minimum(even, np.percentile(even, 99))
    deviation = even.std()
    return np.asarray((even - even.mean()) / deviation if deviation > 0 else np.zeros(curve.size))


def at(curve: Series, places_s: Series) -> Series:
    """The curve at times from its start, straight lines between its points, 0 outside; any shape."""
    return np.interp(places_s * ONSET_HZ, np.arange(curve.size), curve, left=0.0, right=0.0)


def echoes(curve: Series, beats_s: Series) -> Series:
    """How much the curve repeats after 1 … 8 beats of each length, −1..1: the mean of its autocorrelation there."""
    longest_s = float(beats_s.max())
    count = min(_ECHOES, int(curve.size / ONSET_HZ / longest_s))
    if count < 1 or not curve.any():
        return np.zeros(beats_s.size)
    most = int(count * longest_s * ONSET_HZ) + 2
    size = 1 << int(np.ceil(np.log2(curve.size + most)))
    power = np.abs(np.fft.rfft(curve, size)) ** 2
    alike = np.fft.irfft(power, size)[:most]
    alike = alike / alike[0] * curve.size / np.maximum(1, curve.size - np.arange(most))
    lags = np.arange(1, count + 1)[:, None] * beats_s[None, :] * ONSET_HZ
    return np.asarray(np.interp(lags, np.arange(most), alike).mean(axis=0))


def tempo_of(curve: Series) -> float | None:
    """The tempo of a curve whose plan nobody knows, bpm; None where nothing repeats. May be an octave off."""
    if curve.size < 6 * ONSET_HZ:
        return None
    tempi = np.exp(np.arange(np.log(LEAST_BPM), np.log(MOST_BPM), 0.0025))
    echo = echoes(curve, 60.0 / tempi)
    likely = echo * np.exp(-0.5 * (np.log2(tempi / _USUAL_BPM) / _USUAL_OCTAVES) ** 2)
    best = int(likely.argmax())
    return float(tempi[best]) if echo[best] >= _LEAST_ECHO else None
