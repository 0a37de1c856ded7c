"""Listen to a finished take as a player would: the outline of its sound, and the passage to compare."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.media.probe import probe
from pipeline.media.sound import read_sound
from pipeline.settings import Settings
from pipeline.sound.loudness import LoudnessMeter
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ, samples_at

OUTLINE_STEPS = 600  # a waveform this fine shows every phrase on a wide screen


@dataclass(frozen=True, slots=True)
class Hearing:
    """peaks, rms: [OUTLINE_STEPS] of each equal part of the film: the largest sample of either channel, and the mean
    level of both, 0..1.

    passage: [2, n] of the delivered sound. passage_lufs: its integrated loudness; −inf for silence.
    """

    peaks: NDArray[np.float64]
    rms: NDArray[np.float64]
    passage: Samples
    passage_lufs: float


def hear(film: Path, duration_s: float, start_s: float, samples: int, settings: Settings) -> Hearing:
    """Decode a delivered take once, holding only the passage that starts at start_s.

    duration_s: the film's. Raises MediaToolError when it cannot be decoded.
    """
    made = probe(film, settings, shortest_s=0.0)
    outline = _Outline(max(1, samples_at(duration_s)))
    passage = np.zeros((2, samples), np.float32)
    first = samples_at(start_s)
    for block in read_sound(made, settings):
        at, count = samples_at(block.time_s), block.samples.shape[1]
        outline.add(at, block.samples)
        begin, end = max(at, first), min(at + count, first + samples)
        if begin < end:
            passage[:, begin - first : end - first] = block.samples[:, begin - at : end - at]
    meter = LoudnessMeter()
    for start in range(0, samples, SAMPLE_RATE_HZ):
        meter.add(passage[:, start : start + SAMPLE_RATE_HZ])
    return Hearing(outline.peaks, outline.rms, passage, meter.integrated_lufs)


def level_gains_db(loudness_lufs: list[float]) -> list[float]:
    """What brings each passage to the loudness of the quietest, dB, 0 or less: nothing clips, and louder does not win.

    A silent passage stays as it is and counts for nothing.
    """
    audible = [lufs for lufs in loudness_lufs if np.isfinite(lufs)]
    return [min(audible) - lufs if np.isfinite(lufs) else 0.0 for lufs in loudness_lufs]


class _Outline:
    """Peaks and powers of the equal parts of a film, gathered block by block."""

    def __init__(self, total_samples: int) -> None:
        self._total_samples = total_samples
        self._peaks, self._power, self._counted = (np.zeros(OUTLINE_STEPS) for _ in range(3))

    @property
    def peaks(self) -> NDArray[np.float64]:
        return np.minimum(1.0, self._peaks)

    @property
    def rms(self) -> NDArray[np.float64]:
        return np.minimum(1.0, np.sqrt(self._power / np.maximum(self._counted, 1)))

    def add(self, at: int, samples: Samples) -> None:
        """samples: [2, n] from sample `at` on; what lies past the film's end counts to its last part."""
        parts = np.arange(at, at + samples.shape[1]) * OUTLINE_STEPS // self._total_samples
        starts = np.concatenate([[0], np.flatnonzero(np.diff(parts)) + 1])
        where = np.minimum(parts[starts], OUTLINE_STEPS - 1)
        np.maximum.at(self._peaks, where, np.maximum.reduceat(np.abs(samples).max(axis=0), starts))
        np.add.at(self._power, where, np.add.reduceat(np.square(samples, dtype=np.float64).mean(axis=0), starts))
        np.add.at(self._counted, where, np.diff([*starts, samples.shape[1]]))
