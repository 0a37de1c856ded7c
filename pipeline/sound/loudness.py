"""Loudness: delivery targets, and a meter that never holds more than a block."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from scoring.errors import UnknownChoice
from scoring.timebase import SAMPLE_RATE_HZ

SILENCE_LUFS = -70.0  # ITU-R BS.1770-5 annex 1: the absolute gate; nothing below it counts
AUDIBLE_LUFS = -50.0  # music whose momentary loudness is below this counts as a gap (peer metrics, row G1)
_STEP_SAMPLES = SAMPLE_RATE_HZ // 10  # momentary loudness, 400 ms, every 100 ms (75 % overlap, as BS.1770 gates)
_STEPS_PER_BLOCK = 4
_SHORT_TERM_STEPS = 30  # EBU Tech 3341: 3 s
_OFFSET_DB = -0.691  # BS.1770-5 eq. 2


@dataclass(frozen=True, slots=True)
class LoudnessTarget:
    """A delivery standard. tolerance_lu: how far integrated loudness may lie from integrated_lufs."""

    name: str
    title: str
    integrated_lufs: float
    true_peak_dbtp: float
    tolerance_lu: float
    source: str


@cache
def loudness_targets() -> dict[str, LoudnessTarget]:
    """Every target of data/loudness.toml by name."""
    text = resources.files("pipeline").joinpath("data/loudness.toml").read_text("utf-8")
    return {name: LoudnessTarget(name=name, **row) for name, row in tomllib.loads(text).items()}


def loudness_target(name: str) -> LoudnessTarget:
    """One target by name. Raises UnknownChoice."""
    targets = loudness_targets()
    if name not in targets:
        raise UnknownChoice.among("loudness target", name, list(targets))
    return targets[name]


class LoudnessMeter:
    """ITU-R BS.1770 loudness of a stream, block by block. weights: what each channel counts.

    The K-weighting filters are pyloudnorm's; only their state is kept between blocks. Equal to
    pyloudnorm.Meter.integrated_loudness on the whole signal within 0.01 LU (tested).
    """

    def __init__(self, weights: Sequence[float] = (1.0, 1.0)) -> None:
        import pyloudnorm

        # pyloudnorm designs the two biquads; scipy runs them with memory, which pyloudnorm does not.
        stages = pyloudnorm.Meter(SAMPLE_RATE_HZ)._filters.values()
        self._sos = np.array([np.concatenate([stage.b, stage.a]) for stage in stages])
        self._weights = np.asarray(weights, np.float64)
        self._state = np.zeros((len(self._sos), len(weights), 2))
        self._partial = np.empty((len(weights), 0))
        self._step_energy: list[NDArray[np.float64]] = []
        self._peak = 0.0

    def add(self, samples: NDArray[np.float32]) -> None:
        """samples: [C, n], in order, a row for each weight."""
        from scipy.signal import sosfilt

        if samples.shape[1] == 0:
            return
        self._peak = max(self._peak, float(np.abs(samples).max()))
        weighted, self._state = sosfilt(self._sos, samples, axis=1, zi=self._state)
        weighted = np.concatenate([self._partial, weighted], axis=1) if self._partial.size else weighted
        whole = weighted.shape[1] // _STEP_SAMPLES * _STEP_SAMPLES
        self._partial = weighted[:, whole:].copy()
        steps = weighted[:, :whole].reshape(len(self._weights), -1, _STEP_SAMPLES)
        self._step_energy.append(self._weights @ (np.einsum("cij,cij->ci", steps, steps) / _STEP_SAMPLES))

    @property
    def step_energy(self) -> NDArray[np.float64]:
        """[K] K-weighted mean square, channels weighed and summed, of each whole tenth of a second so far."""
        return np.concatenate(self._step_energy) if self._step_energy else np.empty(0)

    @property
    def sample_peak_dbfs(self) -> float:
        """The largest sample so far, dBFS; −inf for silence."""
        return 20 * float(np.log10(self._peak)) if self._peak else -np.inf

    @property
    def integrated_lufs(self) -> float:
        """Gated loudness so far (BS.1770-5 eq. 3-7); −inf when nothing passes the absolute gate.

        What is shorter than one 400 ms block is measured as it is, ungated.
        """
        energy = self._block_energy()
        if energy.size == 0:
            short = self.step_energy
            return lufs_of(float(short.mean())) if short.size else -np.inf
        loud = energy[energy > _energy(SILENCE_LUFS)]
        if loud.size == 0:
            return -np.inf
        loud = loud[loud > loud.mean() / 10]  # the relative gate, −10 LU
        return lufs_of(float(loud.mean()))

    def _block_energy(self) -> NDArray[np.float64]:
        steps = self.step_energy
        if steps.size < _STEPS_PER_BLOCK:
            return np.empty(0)
        return np.convolve(steps, np.full(_STEPS_PER_BLOCK, 1 / _STEPS_PER_BLOCK), "valid")


def short_term_lufs(step_energy: NDArray[np.float64]) -> NDArray[np.float64]:
    """[K] loudness of the 3 s around each tenth of a second (EBU Tech 3341), shorter at the ends; silence is −inf.

    step_energy: [K] as the meter gives it.
    """
    half = _SHORT_TERM_STEPS // 2
    sums = np.concatenate([[0.0], np.cumsum(step_energy)])
    place = np.arange(step_energy.size)
    first, last = np.maximum(0, place - half), np.minimum(step_energy.size, place + half)
    mean = (sums[last] - sums[first]) / np.maximum(1, last - first)
    with np.errstate(divide="ignore"):
        return np.asarray(_OFFSET_DB + 10 * np.log10(np.maximum(mean, 0.0)))


def lufs_of(energy: float) -> float:
    """The loudness of a K-weighted mean square, channels summed (BS.1770-5 eq. 2); −inf for nothing."""
    return _OFFSET_DB + 10 * float(np.log10(energy)) if energy > 0 else -np.inf


def _energy(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET_DB) / 10))
