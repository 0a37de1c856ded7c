"""Join cues into one continuous piece: crossfades whose level is right for how alike the two sides are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from scoring.cue_sheet import Cue
from scoring.request import CueTake, Samples
from scoring.timebase import SAMPLE_RATE_HZ, samples_at, seconds_of

_BUTT_SAMPLES = SAMPLE_RATE_HZ // 50  # 20 ms, long enough not to click and short enough to be a cut
_TAIL_FADE_SAMPLES = SAMPLE_RATE_HZ // 10
_LOWEST_CORRELATION = -0.5  # below it the compensating gain would boost what two opposed signals cancel

_BLOCK_SAMPLES = SAMPLE_RATE_HZ

Stems = dict[str, Samples]


class TakeSound(Protocol):
    """A take's stems, read a stretch at a time."""

    def read(self, start: int, samples: int) -> Stems:
        """Each stem's [2, samples] from a sample of the take on; zeros outside it. Forward reading is cheapest."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...


OpenTake = Callable[[CueTake], TakeSound]


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


class _Nothing:
    """What is heard of a take that is withheld. Implements TakeSound."""

    def read(self, start: int, samples: int) -> Stems:
        return {}

    def close(self) -> None:
        pass


@dataclass(slots=True)
class _Piece:
    """One take on the timeline. begin, end: film samples between which it sounds. at: film sample of its sample 0.

    fades: (film sample, gain curve) pairs; between them the gain is one.
    """

    take: CueTake
    at: int
    begin: int
    end: int
    fades: list[tuple[int, NDArray[np.float32]]] = field(default_factory=list)

    def gain(self, start: int, samples: int) -> NDArray[np.float32]:
        """Its gain over a stretch of the film, [samples]."""
        gain = np.ones(samples, np.float32)
        gain[: max(0, self.begin - start)] = 0
        gain[max(0, self.end - start) :] = 0
        for first, curve in self.fades:
            low, high = max(first, start), min(first + curve.size, start + samples)
            if low < high:
                gain[low - start : high - start] *= curve[low - first : high - first]
        return gain


class Assembly:
    """Lays takes on the film's timeline. `joins` says where and how they meet; iterate for the sound, in blocks.

    Each block is a dict stem → [2, n]; blocks follow each other without gaps and end at total_samples. A second of
    each take that sounds is in memory at a time, however long the cues and the film.
    """

    def __init__(self, cues: Sequence[Cue], takes: Sequence[CueTake], open_take: OpenTake, total_samples: int) -> None:
        self._open: OpenTake = lambda take: _Nothing() if take.withheld else open_take(take)
        self._total = total_samples
        self.joins: list[Join] = []
        self._pieces: list[_Piece] = []
        for index, (cue, take) in enumerate(zip(cues, takes, strict=True)):
            self._place(cue, take, cues[index - 1] if index else None)

    def __iter__(self) -> Iterator[Stems]:
        sounding: dict[int, TakeSound] = {}
        try:
            for start in range(0, self._total, _BLOCK_SAMPLES):
                yield self._block(start, min(_BLOCK_SAMPLES, self._total - start), sounding)
        finally:
            for sound in sounding.values():
                sound.close()

    def _block(self, start: int, samples: int, sounding: dict[int, TakeSound]) -> Stems:
        """The sum of what sounds in a stretch. sounding: open takes by piece, kept up to date."""
        block: Stems = {}
        for index, piece in enumerate(self._pieces):
            if piece.end <= start and index in sounding:
                sounding.pop(index).close()
            if piece.end <= start or piece.begin >= start + samples:
                continue
            if index not in sounding:
                sounding[index] = self._open(piece.take)
            gain = piece.gain(start, samples)
            for name, audio in sounding[index].read(start - piece.at, samples).items():
                audio *= gain
                if name in block:
                    block[name] += audio
                else:
                    block[name] = audio
        return block or {"music": np.zeros((2, samples), np.float32)}

    def _place(self, cue: Cue, take: CueTake, before: Cue | None) -> None:
        """Put a take on the timeline and fade it against the one before."""
        start = samples_at(cue.in_s)
        tail = take.total_samples - take.lead_in_samples - take.body_samples
        end = start + take.body_samples + tail
        piece = _Piece(take, start - take.lead_in_samples, start, end)
        fade = min(tail, _TAIL_FADE_SAMPLES)  # an engine's ring-out may stop before it has died away
        piece.fades.append((end - fade, np.linspace(1, 0, fade, dtype=np.float32)))
        if before is None or before.out_s < cue.in_s - 1e-6:
            self._begin(piece, start, min(_BUTT_SAMPLES, take.lead_in_samples, start))
        else:
            self._meet(piece, start, cue, before)
        self._pieces.append(piece)

    def _begin(self, piece: _Piece, start: int, lead: int) -> None:
        """Start from silence, over as much lead-in as is used."""
        piece.begin = start - lead
        piece.fades.append((piece.begin, np.linspace(0, 1, max(1, lead), dtype=np.float32)))

    def _meet(self, piece: _Piece, start: int, cue: Cue, before: Cue) -> None:
        """Fade two takes over each other around a bar line of both."""
        earlier = self._pieces[-1]
        kind = before.transition.kind
        half = _BUTT_SAMPLES // 2
        if kind == "crossfade":
            half = max(half, samples_at(before.transition.beats * before.beat_s) // 2)
        # Both sides need the sound for it; what an engine did not give is not faded over.
        half = max(0, min(half, piece.take.lead_in_samples, earlier.end - start, piece.take.body_samples // 2))
        rho = 0.0
        if kind == "ring_out":
            self._begin(piece, start, half)
        else:
            piece.begin, earlier.end = start - half, start + half
            sides = [self._heard(side, start - half, 2 * half) for side in (earlier, piece)]
            down, up, rho = crossfade(sides[0], sides[1])
            earlier.fades.append((start - half, down))
            piece.fades.append((start - half, up))
        self.joins.append(Join(before.id, cue.id, cue.in_s, kind, seconds_of(2 * half), rho))

    def _heard(self, piece: _Piece, start: int, samples: int) -> Samples:
        """The sum of a take's stems over a stretch of the film, as it lies on disk."""
        total = np.zeros((2, samples), np.float32)
        with closing(self._open(piece.take)) as sound:
            for audio in sound.read(start - piece.at, samples).values():
                total += audio
        return total
