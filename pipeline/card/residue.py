"""The music by itself, out of a finished film's sound: what is left once the film's own sound is taken away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.media.sound import FilmSound
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

_SEGMENT = SAMPLE_RATE_HZ  # the mixing is learnt, and sound given, a second at a time
_HOP = SAMPLE_RATE_HZ // 100  # gains are followed in steps of 10 ms
_HOPS = _SEGMENT // _HOP
_REACH = 4  # samples on either side that the mixing may use: a delay between samples, another codec's roll-off
_TAPS = 2 * _REACH + 1
_EMPHASIS = np.float32(0.9)  # flattens speech and music, so that every octave has its say in a gain
_RIDGE = 1e-3  # of the source's mean power: bands in which it has next to nothing are left alone
_FADE = SAMPLE_RATE_HZ // 50
_LARGEST_GAIN = 3.0  # of the usual one, which a film that is turned down for long stretches has lower than its loudest
# How far a gain is believed to stray: from its film's, over seconds (another tool's fades), and from that, in a moment
# (a limiter's dips). And how many independent samples a hop is worth; it was fitted on mixes with known gains.
_SLOW_SPREAD, _FAST_SPREAD = 0.5, 0.1
_WORTH = 60.0
_CODING = 1e-3  # of a sound's energy: what coding it loses
_FLOOR = 1e-12

_Matrix = NDArray[np.float64]


def residue(
    whole: Iterable[Samples], source: Iterable[Samples], offset_samples: int = 0
) -> Iterator[tuple[Samples, Samples]]:
    """The music of a finished film, and beside it the finished film's sound, in blocks of a second at most.

    whole, source: [2, n] float32 blocks at 48 kHz from the first picture on (see `played`), any length each; the result
    is as long as whole. offset_samples: by how much the source comes later in the whole than by itself; it may be
    wrong by 4. How the source was mixed in (a level and a short filter for each pair of channels) is learnt from what
    has been heard so far, and its gain is followed in steps of 10 ms, so that a limiter's or another mixer's moves go
    with it. Where the source is silent, has ended or is not in the whole, the whole passes as it is.
    About two seconds are in memory.
    """
    mixing = _Mixing()
    before: _Heard | None = None
    held: _Heard | None = None
    for own, heard in _side_by_side(whole, source, offset_samples):
        now = mixing.hear(heard, own)
        if held is not None:
            yield _less(before, held, now), held.whole
        before, held = held, now
    if held is not None:
        yield _less(before, held, None), held.whole


def played(blocks: Iterable[FilmSound]) -> Iterator[Samples]:
    """A film's sound in stereo from the first picture on: silence where it begins later."""
    started = False
    for block in blocks:
        missing = 0 if started else max(0, round(block.time_s * SAMPLE_RATE_HZ))
        started = True
        while missing:
            n = min(_SEGMENT, missing)
            yield np.zeros((2, n), np.float32)
            missing -= n
        yield block.samples


@dataclass(frozen=True, slots=True)
class _Heard:
    """A second. source: [2, n] as it is believed to be in the whole at its usual gain.

    both, alone, total: [hops] energies with emphasis: whole times source, source, whole.
    """

    whole: Samples
    source: Samples
    both: _Matrix
    alone: _Matrix
    total: _Matrix


class _Mixing:
    """How the source was mixed in: a short filter from each of its channels to each of the whole's."""

    def __init__(self) -> None:
        self._sources = np.zeros((2, 2, _TAPS))  # correlations of the source's channels at each lag
        self._crossed = np.zeros((2, 2, _TAPS))  # of whole and source, lags −reach … reach
        self._filters = np.zeros((2, 2, _TAPS))

    def hear(self, whole: Samples, own: Samples) -> _Heard:
        """Learn from a second. own: [2, n + 2·reach], the source with the samples around it."""
        n = whole.shape[1]
        if not own.any():
            silent, hops = np.zeros_like(whole), -(-n // _HOP)
            return _Heard(whole, silent, np.zeros(hops), np.zeros(hops), _hop_sums(_flat(whole), _flat(whole)))
        flat, sharp = _flat(whole), _flat(own)
        faded, sharp = flat * _fades(n, 0), sharp * _fades(n, _REACH)
        sources = np.stack([sharp[:, : n + 2 * _REACH - lag] @ sharp[:, lag:].T for lag in range(_TAPS)], axis=2)
        crossed = np.stack([faded @ sharp[:, lag : lag + n].T for lag in range(_TAPS)], axis=2)
        # A second counts by how sure it makes of the mixing; one in which the source cannot be heard says nothing.
        energy = float(np.vdot(flat, flat)) + _FLOOR
        share = min(1.0, max(0.0, float((_solved(sources, crossed) * crossed).sum()) / energy))
        weight = share / (energy * (1 - share + _CODING))
        self._sources += weight * sources
        self._crossed += weight * crossed
        self._filters = _solved(self._sources, self._crossed)
        mixed = self._mixed(own, n)
        flat_mixed = _flat(mixed)
        return _Heard(
            whole,
            mixed,
            _hop_sums(flat, flat_mixed),
            _hop_sums(flat_mixed, flat_mixed),
            _hop_sums(flat, flat),
        )

    def _mixed(self, own: Samples, n: int) -> Samples:
        mixed = np.zeros((2, n), np.float32)
        for out in (0, 1):
            for channel in (0, 1):
                taps = self._filters[out, channel].astype(np.float32)
                mixed[out] += np.convolve(own[channel], taps[::-1], "valid")
        return mixed


def _solved(sources: _Matrix, crossed: _Matrix) -> _Matrix:
    """The filters, [whole's channel, source's channel, tap], that take away most."""
    size = 2 * _TAPS
    gram = np.empty((2, _TAPS, 2, _TAPS))
    for one in range(_TAPS):
        for other in range(one, _TAPS):
            gram[:, one, :, other] = sources[:, :, other - one]
            gram[:, other, :, one] = sources[:, :, other - one].T
    matrix = gram.reshape(size, size)
    power = float(np.trace(matrix)) / size
    if power <= _FLOOR:
        return np.zeros((2, 2, _TAPS))
    weight = _RIDGE * power
    # Levels alone first; the filter may stray from them only where the source has sound enough to tell.
    levels = np.zeros((2, 2, _TAPS))
    levels[:, :, _REACH] = np.linalg.solve(sources[:, :, 0] + weight * np.eye(2), crossed[:, :, _REACH].T).T
    usual = levels.reshape(2, size)
    left = crossed.reshape(2, size) - usual @ matrix
    return (usual + np.linalg.solve(matrix + weight * np.eye(size), left.T).T).reshape(2, 2, _TAPS)


@lru_cache(maxsize=4)
def _fades(n: int, beyond: int) -> NDArray[np.float32]:
    """[n + 2·beyond] a fade at either end, so that what lies outside a second makes no difference."""
    at = np.arange(-beyond, n + beyond)
    edge = np.minimum(at + 1, n - at) / _FADE
    return np.clip(edge, 0.0, 1.0).astype(np.float32)


def _less(before: _Heard | None, held: _Heard, after: _Heard | None) -> Samples:
    """The held second without its source. The seconds around it tell whether a gain is a slow one."""
    if not held.source.any():
        return held.whole.copy()
    around = [heard for heard in (before, held, after) if heard is not None]
    both, alone, total = (np.concatenate([getattr(h, name) for h in around]) for name in ("both", "alone", "total"))
    first = 0 if before is None else before.both.size
    wide, narrow = np.ones(2 * _HOPS - 1), np.array([0.5, 1.0, 0.5])
    usual = _gain(both, alone, total, wide, np.ones(both.size), _SLOW_SPREAD)
    gains = _gain(both, alone, total, narrow, usual, _FAST_SPREAD)
    centres = (np.arange(gains.size) - first + 0.5) * _HOP
    at = np.arange(held.whole.shape[1])
    followed = np.interp(at, centres, np.clip(gains, 0.0, _LARGEST_GAIN)).astype(np.float32)
    return held.whole - followed * held.source


def _gain(both: _Matrix, alone: _Matrix, total: _Matrix, window: _Matrix, usual: _Matrix, spread: float) -> _Matrix:
    """[hops] the gain of least squares in a window around each hop, drawn to the usual one the less it is known.

    With a prior of that spread, the weight of the usual gain is what else sounds, by what the window is worth.
    """
    both, alone, total = (_around(energy, window) for energy in (both, alone, total))
    rest = np.maximum(0.0, total - both**2 / np.maximum(alone, _FLOOR))
    doubt = rest / (_WORTH * window.sum() * spread**2) + _FLOOR
    return np.asarray(np.clip((both + doubt * usual) / (alone + doubt), 0.0, _LARGEST_GAIN), np.float64)


def _around(energy: _Matrix, window: _Matrix) -> _Matrix:
    """The sum of what a window lets through around each point."""
    half = window.size // 2
    return np.convolve(energy, window)[half : half + energy.size]


def _flat(samples: Samples) -> Samples:
    """With emphasis of what is high; a sample's own predecessor in the block is taken for its first one's too."""
    emphasised = samples.copy()
    emphasised[:, 1:] -= _EMPHASIS * samples[:, :-1]
    emphasised[:, :1] *= 1 - _EMPHASIS
    return emphasised


def _hop_sums(one: Samples, other: Samples) -> _Matrix:
    """[hops] inner products of two [2, n], channels added, a hop each; the last may be shorter."""
    product = np.einsum("cn,cn->n", one, other)
    return np.add.reduceat(product, np.arange(0, product.size, _HOP)).astype(np.float64)


def _side_by_side(
    whole: Iterable[Samples], source: Iterable[Samples], offset_samples: int
) -> Iterator[tuple[Samples, Samples]]:
    """Pairs of (source with its surroundings [2, n + 2·reach], whole [2, n]), a second each, the last shorter."""
    others, wholes = _Stretches(source), _Stretches(whole)
    at = 0
    while True:
        heard, have = wholes.take(at, _SEGMENT)
        if have == 0:
            return
        own, _ = others.take(at - offset_samples - _REACH, have + 2 * _REACH)
        yield own, heard[:, :have]
        at += have


class _Stretches:
    """Serves stretches of a stream of blocks that move forward and may overlap; silence before and after it."""

    def __init__(self, blocks: Iterable[Samples]) -> None:
        self._blocks = iter(blocks)
        self._held: Samples = np.zeros((2, 0), np.float32)
        self._at = 0  # the stream's sample that the held stretch begins with

    def take(self, start: int, n: int) -> tuple[Samples, int]:
        """[2, n] from a sample of the stream on, and how many of them lie before its end."""
        parts, size = [self._held], self._held.shape[1]
        while self._at + size < start + n:
            block = next(self._blocks, None)
            if block is None:
                break
            parts.append(block)
            size += block.shape[1]
            if self._at + size <= start:  # nothing of it is asked for
                self._at += size
                parts, size = [self._held[:, :0]], 0
        held = np.concatenate(parts, axis=1)
        skipped = min(max(0, start - self._at), size)
        self._held = held[:, skipped:]
        self._at += skipped
        found = np.zeros((2, n), np.float32)
        early = min(n, max(0, self._at - start))
        have = min(n - early, self._held.shape[1])
        found[:, early : early + have] = self._held[:, :have]
        return found, early + have
