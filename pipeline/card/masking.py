"""How far the speech stands above the music in the band of consonants (row E2)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.card.evidence import Series
from pipeline.card.track import Track
from pipeline.card.tracking import mel_hz
from pipeline.sound.clearance import LEAST_SPEECH_S, STEPS_PER_S, WINDOW_S, speech_mask
from scoring.timebase import TimeRange

BAND_HZ = (1000.0, 4000.0)
_FLOOR = 1e-12


def masking_db(music: Track, whole: Track, speech: Sequence[TimeRange]) -> Series:
    """[W] what sounds beside the music over the music, in BAND_HZ, in each 3 s window, during speech only.

    A window begins every tenth of a second; NaN with less than a second of speech in it.
    """
    alone, together = _in_band(music), _in_band(whole)
    steps = min(alone.size, together.size)
    width = min(steps, round(WINDOW_S * STEPS_PER_S))
    if width == 0:
        return np.empty(0)
    beside = np.maximum(together[:steps] - alone[:steps], _FLOOR)
    starts_at_s = music.starts_at_s
    mask = speech_mask([TimeRange(r.start_s - starts_at_s, r.end_s - starts_at_s) for r in speech], steps)
    count = np.convolve(mask.astype(np.float64), np.ones(width), "valid")
    count[count < LEAST_SPEECH_S * STEPS_PER_S - 0.5] = np.nan
    voice_db, music_db = (_mean_db(energy, mask, width, count) for energy in (beside, alone[:steps]))
    return voice_db - music_db


def _in_band(track: Track) -> Series:
    """[K] power in BAND_HZ."""
    middles_hz = mel_hz()
    inside = (middles_hz >= BAND_HZ[0]) & (middles_hz < BAND_HZ[1])
    return np.asarray((10 ** (track.mel_db[:, inside].astype(np.float64) / 10)).sum(axis=1), np.float64)


def _mean_db(energy: Series, mask: NDArray[np.bool_], width: int, count: Series) -> Series:
    total = np.convolve(np.where(mask, energy, 0.0), np.ones(width), "valid")
    return np.asarray(10 * np.log10(np.maximum(total / count, _FLOOR)), np.float64)
