"""Join cues into one continuous piece: crossfades whose level is right for how alike the two sides are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.cue_sheet import Cue
from scoring.request import CueTake, Samples
from scoring.timebase import SAMPLE_RATE_HZ, samples_at, seconds_of

_BUTT_SAMPLES = SAMPLE_RATE_HZ // 50  # 20 ms, long enough not to click and short enough to be a cut
_TAIL_FADE_SAMPLES = SAMPLE_RATE_HZ // 10
_LOWEST_CORRELATION = -0.5  # below it the compensating gain would boost what two opposed signals cancel

Stems = dict[str, Samples]
LoadStems = Callable[[CueTake], Stems]


@dataclass(frozen=True, slots=True)
class Join:
    """Where two cues meet. overlap_s is centred on at_s, a bar line of both, when the cues have the sound for it.

    correlation: of the two sides inside the overlap, −1..1.
    """

    before: str
    after: str
    at_s: float
    kind: str
    overlap_s: float
    correlation: float


def crossfade(before: Samples, after: Samples) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
    """The two gain curves for an overlap, [n] each, and the correlation they were matched to.

    Linear fades a = 1 − x, b = x times g = 1 / √(a² + b² + 2ρab), which keeps the expected power of the sum
    constant for signals of correlation ρ: equal power at ρ = 0, equal gain at ρ = 1.
    """
    rho = correlation(before, after)
    x = (np.arange(before.shape[1], dtype=np.float64) + 0.5) / max(1, before.shape[1])
    a, b = 1 - x, x
    gain = 1 / np.sqrt(a**2 + b**2 + 2 * max(_LOWEST_CORRELATION, rho) * a * b)
    return (a * gain).astype(np.float32), (b * gain).astype(np.float32), rho


def correlation(one: Samples, other: Samples) -> float:
    """Normalised inner product of two [2, n] stretches, −1..1; 0 where either is silent."""
    energy = float(np.vdot(one, one)) * float(np.vdot(other, other))
    return float(np.vdot(one, other)) / energy**0.5 if energy > 1e-12 else 0.0


class Assembly:
    """Lays takes on the film's timeline, one at a time. Iterate for blocks; `joins` is filled as it goes.

    Each block is a dict stem → [2, n]; blocks follow each other without gaps and end at total_samples.
    Memory: two cues, however long the film.
    """

    def __init__(self, cues: Sequence[Cue], takes: Sequence[CueTake], load: LoadStems, total_samples: int) -> None:
        self._cues = cues
        self._takes = takes
        self._load = load
        self._total = total_samples
        self.joins: list[Join] = []

    def __iter__(self) -> Iterator[Stems]:
        pending: Stems = {}
        at = 0  # film sample where `pending` begins
        for index, (cue, take) in enumerate(zip(self._cues, self._takes, strict=True)):
            stems = self._load(take)
            _ramp_out(stems, take.total_samples - take.lead_in_samples - take.body_samples)
            start = samples_at(cue.in_s)
            head = self._meet(pending, at, stems, take, index)
            begin = max(0, start - head)
            yield from self._flush(pending, at, begin)
            pending = _from(pending, begin - at)
            at = begin
            _lay(pending, {name: audio[:, take.lead_in_samples - (start - begin) :] for name, audio in stems.items()})
        yield from self._flush(pending, at, self._total)

    def _meet(self, pending: Stems, at: int, stems: Stems, take: CueTake, index: int) -> int:
        """Fade the sound so far and the coming cue where they meet, in place; how much lead-in is used, samples."""
        cue = self._cues[index]
        start = samples_at(cue.in_s)
        if index == 0 or not pending or self._cues[index - 1].out_s < cue.in_s - 1e-6:
            head = min(_BUTT_SAMPLES, take.lead_in_samples, start)
            _ramp_in(stems, take.lead_in_samples - head, max(1, head))
            return head
        before = self._cues[index - 1]
        kind = before.transition.kind
        half = _BUTT_SAMPLES // 2
        if kind == "crossfade":
            half = max(half, samples_at(before.transition.beats * before.beat_s) // 2)
        # Both sides need the sound for it; what an engine did not give is not faded over.
        length = _length(pending)
        half = max(0, min(half, take.lead_in_samples, length - (start - at), take.body_samples // 2))
        lead = take.lead_in_samples - half
        if kind == "ring_out":
            _ramp_in(stems, lead, max(1, half))
            self._note(index, kind, 2 * half, 0.0)
            return half
        window = slice(start - half - at, start + half - at)
        sides = _sum(pending)[:, window], _sum(stems)[:, lead : lead + 2 * half]
        down, up, rho = crossfade(*sides)
        for audio in pending.values():
            audio[:, window] *= down
            audio[:, window.stop :] = 0
        for audio in stems.values():
            audio[:, lead : lead + 2 * half] *= up
        self._note(index, kind, 2 * half, rho)
        return half

    def _note(self, index: int, kind: str, overlap_samples: int, rho: float) -> None:
        before, after = self._cues[index - 1], self._cues[index]
        self.joins.append(Join(before.id, after.id, after.in_s, kind, seconds_of(overlap_samples), rho))

    def _flush(self, pending: Stems, at: int, until: int) -> Iterator[Stems]:
        """The timeline from `at` to `until`, silence where nothing sounds."""
        wanted = min(until, self._total) - at
        if wanted <= 0:
            return
        ready = {name: audio[:, :wanted] for name, audio in pending.items()}
        have = _length(ready)
        if have:
            yield ready
        for start in range(have, wanted, SAMPLE_RATE_HZ):
            yield {"music": np.zeros((2, min(SAMPLE_RATE_HZ, wanted - start)), np.float32)}


def _length(stems: Stems) -> int:
    return max((audio.shape[1] for audio in stems.values()), default=0)


def _sum(stems: Stems) -> Samples:
    total = np.zeros((2, _length(stems)), np.float32)
    for audio in stems.values():
        total[:, : audio.shape[1]] += audio
    return total


def _from(stems: Stems, samples: int) -> Stems:
    return {name: audio[:, samples:].copy() for name, audio in stems.items() if audio.shape[1] > samples}


def _ramp_in(stems: Stems, start: int, samples: int) -> None:
    for audio in stems.values():
        audio[:, start : start + samples] *= np.linspace(0, 1, samples, dtype=np.float32)


def _ramp_out(stems: Stems, tail_samples: int) -> None:
    """Fade the end of the tail, in place: an engine's ring-out may stop before it has died away."""
    n = min(tail_samples, _TAIL_FADE_SAMPLES)
    for audio in stems.values():
        audio[:, audio.shape[1] - n :] *= np.linspace(1, 0, n, dtype=np.float32)


def _lay(pending: Stems, stems: Stems) -> None:
    """Add `stems` to `pending` from its start, in place; every stem of the result has the same length."""
    length = max(_length(pending), _length(stems))
    for name in {*pending, *stems}:
        out = pending.get(name)
        if out is None or out.shape[1] < length:
            grown = np.zeros((2, length), np.float32)
            if out is not None:
                grown[:, : out.shape[1]] = out
            out = pending[name] = grown
        if name in stems:
            out[:, : stems[name].shape[1]] += stems[name]
