"""A track of the voice: its level and its pitch all along, from which every region of speech is described."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.timebase import TimeRange
from vision.narrow import NARROW_RATE_HZ, Chunks, Samples
from vision.voice.pitch import FRAME_SAMPLES, pitches_hz
from vision.voice.syllables import LEVEL_S, pace_per_s

RUMBLE_HZ = 100.0  # below it there is more of rooms and roads than of syllables
_STEP_SAMPLES = round(LEVEL_S * NARROW_RATE_HZ)
_HOP_SAMPLES = 2 * _STEP_SAMPLES
_PITCH_S = _HOP_SAMPLES / NARROW_RATE_HZ
_GATHER_SAMPLES = NARROW_RATE_HZ  # a second at once: the cost is in the calls
_LOUDEST = 8.0  # of full scale: what floating-point files hold beyond it is broken
_SILENT_POWER = 1e-12  # −120 dBFS
_FAINTER_DB = 20.0  # frames this far below the region's loud ones tell of its room, not of its voice
_STRAY_ST = 9.0  # semitones from the region's median: an octave error, or somebody else
_LEAST_FRAMES = 8  # 0.16 s of voice: less has no pitch worth the name
_LEAST_SHARE = 0.1  # and no less than this of the region: whispers and noise have none
_LEAST_S = 0.5  # a word has no pace
_LEAST_PER_S = 1.0  # and neither has what holds fewer syllables than this a second


@dataclass(frozen=True, slots=True)
class Voice:
    """How somebody speaks in a region: median pitch, its standard deviation in semitones, syllables a second.

    Each None where it cannot be told.
    """

    pitch_hz: float | None = None
    pitch_spread_st: float | None = None
    pace_per_s: float | None = None


class VoiceTrack:
    """Takes 16 kHz mono from 0 s on, in pieces of any length; keeps 300 bytes a second."""

    def __init__(self) -> None:
        from scipy.signal import butter

        self._high_pass = butter(2, RUMBLE_HZ, "highpass", fs=NARROW_RATE_HZ, output="sos").astype(np.float32)
        self._state = np.zeros((len(self._high_pass), 2), np.float32)
        self._waiting: list[Samples] = []
        self._steps, self._frames = Chunks(_STEP_SAMPLES, _STEP_SAMPLES), Chunks(FRAME_SAMPLES, _HOP_SAMPLES)
        self._level_cb, self._pitch_dhz = array("h"), array("H")  # hundredths of a decibel, tenths of a hertz

    def put(self, samples: Samples) -> None:
        """samples: [n]."""
        self._waiting.append(samples)
        if sum(map(len, self._waiting)) >= _GATHER_SAMPLES:
            self._measure()

    def finish(self) -> None:
        """Measure what is left, filled up with silence."""
        self._waiting.append(np.zeros(FRAME_SAMPLES, np.float32))
        self._measure()

    def voice(self, stretch: TimeRange) -> Voice:
        """How somebody speaks in a stretch that has been heard."""
        first, last = round(stretch.start_s / LEVEL_S), round(stretch.end_s / LEVEL_S)
        level_db = np.array(self._level_cb[first:last], np.float64) / 100
        if not len(level_db):
            return Voice()
        pitch_hz = self._pitch_at(first + np.arange(len(level_db)))
        pitch_hz[level_db < np.percentile(level_db, 95) - _FAINTER_DB] = 0.0
        register = _register(pitch_hz)
        if register is None:
            return Voice()
        pace = pace_per_s(level_db, pitch_hz > 0)
        has_pace = len(level_db) * LEVEL_S >= _LEAST_S and pace >= _LEAST_PER_S
        return Voice(*register, pace if has_pace else None)

    def _measure(self) -> None:
        from scipy.signal import sosfilt

        samples = np.clip(np.concatenate(self._waiting), -_LOUDEST, _LOUDEST)
        self._waiting = []
        clear, self._state = sosfilt(self._high_pass, samples, zi=self._state)
        power = np.square(self._steps.put(np.asarray(clear, np.float32))).mean(axis=1)
        self._level_cb.extend(np.rint(1000 * np.log10(power + _SILENT_POWER)).astype(np.int16))
        frames = self._frames.put(samples)
        if len(frames):
            self._pitch_dhz.extend(np.rint(10 * pitches_hz(frames)).astype(np.uint16))

    def _pitch_at(self, steps: NDArray[np.intp]) -> NDArray[np.float64]:
        """The pitch of the frame whose middle is nearest to each step's, 0 where there is none."""
        middles_s = (steps + 0.5) * LEVEL_S
        index = np.rint(middles_s / _PITCH_S - FRAME_SAMPLES / _HOP_SAMPLES / 2).astype(np.intp)
        last = len(self._pitch_dhz) - 1
        return np.array([self._pitch_dhz[k] for k in np.clip(index, 0, last)], np.float64) / 10


def _register(pitch_hz: NDArray[np.float64]) -> tuple[float, float] | None:
    """(median Hz, spread in semitones) of a region's frames, or None where too few are voiced."""
    voiced = pitch_hz[pitch_hz > 0]
    if len(voiced) < max(2 * _LEAST_FRAMES, _LEAST_SHARE * len(pitch_hz)):
        return None
    apart_st = 12 * np.log2(voiced / np.median(voiced))
    kept = voiced[np.abs(apart_st) <= _STRAY_ST]
    return float(np.median(kept)), float(np.std(12 * np.log2(kept)))
