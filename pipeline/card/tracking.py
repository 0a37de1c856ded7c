"""Read a stream of stereo sound into a Track: one pass, a window of a third of a second in memory."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.card.mains import MainsReader
from pipeline.card.track import CLICK_HZ, MELS, ONSET_HZ, SUB_HZ, TONE_HZ, Clip, Floats, Track
from pipeline.card.voicing import VoiceCurve
from pipeline.sound.clearance import STEPS_PER_S
from pipeline.sound.loudness import LoudnessMeter
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from scipy.sparse import csr_array

CLIP_LEVEL = 10 ** (-0.1 / 20)
LEAST_CLIP_SAMPLES = 3
_STEP = SAMPLE_RATE_HZ // STEPS_PER_S
_LONG = 16_384  # a window of 341 ms: its lines are 2.93 Hz apart, which tells semitones apart from C2 up
_HOP = SAMPLE_RATE_HZ // ONSET_HZ
_SHORT = 2048  # a window of 43 ms for onsets
_CLICK = SAMPLE_RATE_HZ // CLICK_HZ
_CHROMA_HZ = (65.0, 2100.0)  # C2 to C7: above it overtones outweigh notes
_PATCH = 128  # lines, 375 Hz: how wide the surroundings of a tone are
_TONE_FLOOR_DB = -85.0  # softer is no tone to anybody
_FLOOR = 1e-12
_RANGE_DB = 60.0  # rises further than this below the loudest second so far are no onsets


class Tracker:
    """Takes blocks of [2, n] and gives the Track of all of them.

    hears_voices: whether to listen for voices, which takes as long again as the rest.
    """

    def __init__(self, starts_at_s: float = 0.0, *, hears_voices: bool = True) -> None:
        self._starts_at_s = starts_at_s
        self._voice = VoiceCurve() if hears_voices else None
        self._meter = LoudnessMeter()
        self._mains = MainsReader()
        self._samples = 0
        self._held: Samples = np.zeros((2, _LONG // 2), np.float32)  # half a window of silence before the first sample
        self._held_from = -(_LONG // 2)  # the sound's sample that the held stretch begins with
        self._steps: dict[str, list[NDArray[np.float32]]] = {}
        self._power = np.zeros(_LONG // 2 + 1)
        self._windows = 0
        self._mel_before: Floats | None = None
        self._loudest_db = -120.0
        self._short_at = 0  # the next onset window's middle, counted in hops
        self._sum = np.zeros(2)
        self._clips: list[Clip] = []
        self._run = [0, 0]
        self._last: Samples = np.zeros((2, 2), np.float32)  # two samples, for the second difference
        self._click_rest: Floats = np.zeros(0, np.float32)
        self._plain_rest: Samples = np.zeros((2, 0), np.float32)

    def add(self, block: Samples) -> None:
        """block: [2, n] float32, in order."""
        if block.shape[1] == 0:
            return
        self._meter.add(block)
        self._sum += block.sum(axis=1, dtype=np.float64)
        self._mains.add(block.mean(axis=0))
        self._clicks(block)
        self._runs(block)
        self._plain(block)
        if self._voice is not None:
            self._voice.put(block)
        self._samples += block.shape[1]
        self._held = np.concatenate([self._held, block], axis=1)
        self._windowed(final=False)

    def track(self) -> Track:
        """The features of what was added. Call it once, at the end."""
        self._held = np.concatenate([self._held, np.zeros((2, _LONG), np.float32)], axis=1)
        self._windowed(final=True)
        for channel in (0, 1):
            self._end_run(channel, self._samples)
        if self._plain_rest.shape[1]:
            self._keep_plain(self._plain_rest[:, None, :])
        count = -(-self._samples // _STEP)
        energy = self._meter.step_energy
        mean_power = self._power / max(1, self._windows)
        onsets = -(-self._samples // _HOP)
        return Track(
            self._starts_at_s,
            self._samples,
            np.concatenate([energy, np.zeros(max(0, count - energy.size))]),
            self._curve("onset", onsets),
            self._rows("chroma", count, 12),
            self._rows("mel_db", count, MELS),
            _octaves_db(mean_power),
            _db(mean_power).astype(np.float32),
            self._curve("tone_db", count),
            self._curve("tone_over_db", count),
            self._curve("sub_db", count),
            self._curve("left", count).astype(np.float64),
            self._curve("right", count).astype(np.float64),
            self._curve("cross", count).astype(np.float64),
            self._curve("peak", count),
            np.concatenate([*self._steps.get("click", []), np.atleast_1d(self._click_rest.max(initial=0.0))]),
            self._sum / max(1, self._samples),
            tuple(sorted(self._clips, key=lambda clip: clip.time_s)),
            self._curve("tone_hz", count),
            self._voice.finish(count) if self._voice is not None else np.zeros(0, np.float32),
            self._mains.lines_db(),
        )

    def _windowed(self, *, final: bool) -> None:
        """Take every whole window out of what is held."""
        mono = self._held.mean(axis=0)
        # Window k of either kind is centred on its stretch's middle: sample k·step + step/2 of the sound.
        first = self._held_from
        total = self._samples
        long_from = self._windows
        long_to = (first + mono.size - _LONG // 2 - _STEP // 2 - 1) // _STEP + 1
        if final:
            long_to = min(long_to, -(-total // _STEP))
        if long_to > long_from:
            starts = np.arange(long_from, long_to) * _STEP + _STEP // 2 - _LONG // 2 - first
            self._long(np.stack([mono[s : s + _LONG] for s in starts]))
            self._windows = long_to
        short_from = self._short_at
        short_to = (first + mono.size - _SHORT // 2 - 1) // _HOP + 1
        if final:
            short_to = min(short_to, -(-total // _HOP))
        if short_to > short_from:
            starts = np.arange(short_from, short_to) * _HOP - _SHORT // 2 - first
            self._short(np.stack([mono[s : s + _SHORT] for s in starts]))
            self._short_at = short_to
        needed = min(self._windows * _STEP + _STEP // 2 - _LONG // 2, self._short_at * _HOP - _SHORT // 2)
        if needed > first:
            self._held = self._held[:, needed - first :]
            self._held_from = needed

    def _long(self, windows: Floats) -> None:
        power = _power(windows, _LONG)
        self._power += power.sum(axis=0)
        self._put("chroma", _summed(power, _chroma_map()))
        self._put("mel_db", _db(_summed(power, _mel_map(_LONG, MELS))))
        self._tones(power)
        freq = np.fft.rfftfreq(_LONG, 1 / SAMPLE_RATE_HZ)
        # A line of the window's width, so that the lowest notes that are heard do not count.
        self._put("sub_db", _db(power[:, freq < SUB_HZ - SAMPLE_RATE_HZ / _LONG].sum(axis=1)))

    def _tones(self, power: Floats) -> None:
        """power: [W, lines]."""
        first = round(TONE_HZ[0] * _LONG / SAMPLE_RATE_HZ)
        patches = round((TONE_HZ[1] - TONE_HZ[0]) * _LONG / SAMPLE_RATE_HZ) // _PATCH
        high = power[:, first - 1 : first + patches * _PATCH + 1]
        # Three lines together hold a steady tone whatever its place between them.
        lines_db = _db(high[:, :-2] + high[:, 1:-1] + high[:, 2:]).reshape(len(power), patches, _PATCH)
        over_db = lines_db - np.median(lines_db, axis=2, keepdims=True)
        # Where a coder has left nothing at all, a whisper would stand out the most.
        best = np.where(lines_db > _TONE_FLOOR_DB, over_db, -1.0).reshape(len(power), -1).argmax(axis=1)
        taken = (np.arange(len(power)), best)
        self._put("tone_db", lines_db.reshape(len(power), -1)[taken])
        self._put("tone_over_db", over_db.reshape(len(power), -1)[taken])
        self._put("tone_hz", (first + best) * SAMPLE_RATE_HZ / _LONG)

    def _short(self, windows: Floats) -> None:
        power = _power(windows, _SHORT)
        mel_db = _db(_summed(power, _mel_map(_SHORT, MELS))).astype(np.float32)
        loudest_db = np.maximum.accumulate(np.concatenate([[self._loudest_db], mel_db.max(axis=1)]))[1:]
        self._loudest_db = float(loudest_db[-1])
        floor_db = np.maximum(-90.0, loudest_db - _RANGE_DB).astype(np.float32)
        mel_db = np.maximum(mel_db, floor_db[:, None])
        before = (
            np.repeat(floor_db[:1, None], MELS, axis=1)[[0, 0, 0]] if self._mel_before is None else self._mel_before
        )
        # Against two hops ago and the loudest around there, so that vibrato is no onset (as in SuperFlux).
        past = np.concatenate([before, mel_db])[1 : 1 + len(mel_db)]
        wide = np.maximum(past, np.maximum(np.roll(past, 1, axis=1), np.roll(past, -1, axis=1)))
        self._put("onset", np.maximum(0.0, mel_db - wide).mean(axis=1))
        self._mel_before = np.concatenate([before, mel_db])[-3:]

    def _plain(self, block: Samples) -> None:
        joined = np.concatenate([self._plain_rest, block], axis=1)
        whole = joined.shape[1] // _STEP * _STEP
        self._plain_rest = joined[:, whole:].copy()
        if whole:
            self._keep_plain(joined[:, :whole].reshape(2, -1, _STEP))

    def _keep_plain(self, steps: Samples) -> None:
        """steps: [2, K, n]."""
        wide = steps.astype(np.float64)
        left, right = (np.einsum("ij,ij->i", wide[c], wide[c]) / steps.shape[2] for c in (0, 1))
        self._put("left", left)
        self._put("right", right)
        self._put("cross", np.einsum("ij,ij->i", wide[0], wide[1]) / steps.shape[2])
        self._put("peak", np.abs(steps).max(axis=(0, 2)))

    def _clicks(self, block: Samples) -> None:
        joined = np.concatenate([self._last, block], axis=1)
        bend = np.abs(joined[:, 2:] - 2 * joined[:, 1:-1] + joined[:, :-2]).max(axis=0)
        self._last = joined[:, -2:].copy()
        bend = np.concatenate([self._click_rest, bend])
        whole = bend.size // _CLICK * _CLICK
        self._click_rest = bend[whole:].copy()
        if whole:
            self._put("click", bend[:whole].reshape(-1, _CLICK).max(axis=1))

    def _runs(self, block: Samples) -> None:
        for channel in (0, 1):
            loud = np.abs(block[channel]) >= CLIP_LEVEL
            if not loud.any():
                self._end_run(channel, self._samples)
                continue
            edges = np.flatnonzero(np.diff(np.concatenate([[False], loud, [False]]).astype(np.int8)))
            for start, stop in edges.reshape(-1, 2):
                if start > 0:
                    self._end_run(channel, self._samples)
                self._run[channel] += int(stop - start)
                if stop < loud.size:
                    self._end_run(channel, self._samples + int(stop))

    def _end_run(self, channel: int, end: int) -> None:
        length, self._run[channel] = self._run[channel], 0
        if length >= LEAST_CLIP_SAMPLES:
            time_s = self._starts_at_s + (end - length) / SAMPLE_RATE_HZ
            self._clips.append(Clip(time_s, length, channel))

    def _put(self, name: str, values: NDArray[np.floating]) -> None:
        self._steps.setdefault(name, []).append(np.asarray(values, np.float32))

    def _curve(self, name: str, count: int) -> Floats:
        parts = self._steps.get(name)
        return np.concatenate(parts)[:count] if parts else np.zeros(0, np.float32)

    def _rows(self, name: str, count: int, width: int) -> Floats:
        parts = self._steps.get(name)
        return np.concatenate(parts)[:count] if parts else np.zeros((0, width), np.float32)


def track_of(blocks: Iterable[Samples], starts_at_s: float = 0.0) -> Track:
    """The Track of a stream of [2, n] blocks."""
    tracker = Tracker(starts_at_s)
    for block in blocks:
        tracker.add(block)
    return tracker.track()


def mel_hz() -> NDArray[np.float64]:
    """[MELS] the middle of each band of mel_db."""
    return _mel_edges_hz(MELS)[1:-1]


def _power(windows: Floats, size: int) -> NDArray[np.float32]:
    """[W, size/2+1] power per line, so that a full-scale sine's lines add up to −3.01 dBFS, its mean square."""
    from scipy.fft import rfft

    window = _hann(size)
    # A constant offset is row F5's; left in, the window would smear it into everything below hearing.
    still = (windows @ window)[:, None] / window.sum()
    spectrum = rfft((windows - still) * window, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    return np.asarray(power * np.float32(2.0 / (size * float((window**2).sum()))), np.float32)


@cache
def _hann(size: int) -> Floats:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(np.float32)


def _summed(power: Floats, weights: csr_array) -> Floats:
    """[W, bands] the lines' power by weights [bands, lines]. Sparse: most are zero, and no threads are woken for it."""
    return np.asarray((weights @ power.T).T, np.float32)


@cache
def _chroma_map() -> csr_array:
    """[12, lines] which pitch class each line belongs to, by how near it is to a semitone."""
    freq = np.fft.rfftfreq(_LONG, 1 / SAMPLE_RATE_HZ)
    inside = (freq >= _CHROMA_HZ[0]) & (freq <= _CHROMA_HZ[1])
    weights = np.zeros((freq.size, 12), np.float32)
    semitone = 12 * np.log2(freq[inside] / 440.0) + 9  # C = 0
    nearest = np.round(semitone)
    near = np.cos(np.pi * (semitone - nearest)) ** 2  # half a semitone off counts nothing
    weights[np.flatnonzero(inside), nearest.astype(int) % 12] = near
    return _sparse(weights)


@cache
def _mel_map(size: int, bands: int) -> csr_array:
    """[bands, lines] triangles, evenly spaced on O'Shaughnessy's mel scale from 40 Hz to 16 kHz."""
    freq = np.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ)
    edges = _mel_edges_hz(bands)
    rise = (freq[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - freq[:, None]) / (edges[2:] - edges[1:-1])
    return _sparse(np.clip(np.minimum(rise, fall), 0, None).astype(np.float32))


def _sparse(weights: Floats) -> csr_array:
    from scipy.sparse import csr_array

    return csr_array(np.ascontiguousarray(weights.T))


def _mel_edges_hz(bands: int) -> NDArray[np.float64]:
    return np.asarray(700 * (10 ** (np.linspace(_mel(40.0), _mel(16_000.0), bands + 2) / 2595) - 1), np.float64)


def _mel(hz: float) -> float:
    return float(2595 * np.log10(1 + hz / 700))


def _octaves_db(power: NDArray[np.float64]) -> NDArray[np.float64]:
    freq = np.fft.rfftfreq(_LONG, 1 / SAMPLE_RATE_HZ)
    centres = 31.25 * 2.0 ** np.arange(10)
    return np.array([_db(power[(freq >= c / 2**0.5) & (freq < c * 2**0.5)].sum()) for c in centres]).reshape(-1)


def _db(power: NDArray[np.floating] | float) -> NDArray[np.float64]:
    return np.asarray(10 * np.log10(np.maximum(power, _FLOOR)), np.float64)
