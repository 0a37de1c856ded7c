"""Where the harmony changes, against where it was to change: coarse, but it tells one beat from the next."""

from __future__ import annotations

import numpy as np

from pipeline.card.evidence import Series
from pipeline.card.track import Floats
from pipeline.sound.clearance import STEPS_PER_S

LEAST_CHANGES = 3
_HALF_S = 0.12  # a point of the chroma curve is heard over this long either side


def harmony_fit(chroma: Floats, starts_s: Series, names: tuple[str, ...], lags_s: Series, is_open: Series) -> Series:
    """How well the planned chords, moved later by each lag, explain the chroma: share of its variance, 0..1.

    chroma: [K, 12], STEPS_PER_S points a second. starts_s: [C] of the chords, from the chroma's start; the last one
    lasts to its end. names: [C]; chords of one name should sound alike. All zeros with too few changes to tell.
    """
    kinds = sorted(set(names))
    if len(names) <= LEAST_CHANGES or len(kinds) < 2 or chroma.shape[0] < 4 * len(kinds):
        return np.zeros(lags_s.size)
    root = np.sqrt(np.maximum(chroma, 0).astype(np.float64))
    colours = root / (np.linalg.norm(root, axis=1, keepdims=True) + 1e-9)
    times_s = (np.arange(len(colours)) + 0.5) / STEPS_PER_S
    ends_s = np.append(starts_s[1:], len(colours) / STEPS_PER_S + np.abs(lags_s).max())
    which = np.eye(len(kinds))[[kinds.index(name) for name in names]]  # [C, G]
    fits = np.zeros(lags_s.size)
    for place, lag_s in enumerate(lags_s):
        low = np.maximum(starts_s + lag_s, times_s[:, None] - _HALF_S)
        high = np.minimum(ends_s + lag_s, times_s[:, None] + _HALF_S)
        sounding = np.clip((high - low) / (2 * _HALF_S), 0, 1) @ which  # [K, G]
        inside = is_open & (sounding.sum(axis=1) > 0.99)
        fits[place] = _explained(colours[inside], sounding[inside])
    return fits


def _explained(colours: Series, sounding: Series) -> float:
    """The share of the variance that the chords' mean colours leave out of what is heard, taken from one."""
    heard = sounding[:, sounding.sum(axis=0) > 2]
    if len(colours) < 2 or heard.shape[1] < 2:
        return 0.0
    about = colours - colours.mean(axis=0)
    total = float((about**2).sum())
    # Normal equations with a touch of ridge: chords of equal names may be heard nowhere by themselves.
    means = np.linalg.solve(heard.T @ heard + 1e-6 * np.eye(heard.shape[1]), heard.T @ about)
    return 1.0 - float(((about - heard @ means) ** 2).sum()) / total if total > 0 else 0.0
