"""What came of an ask."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class MusicMade:
    """A file of music, and what is known of it.

    duration_s, sample_rate_hz, size_bytes, sha256: read from the file. engine: who played; seed: from what. bpm, key:
    as the engine was asked; the composer keeps them exactly. structure: the sections as understood, in order.
    instruments: by the composer, those with a note in the piece; by another engine, those it was asked for in words.
    is_sung: whether the lyrics are sung. warnings: what was asked and is not done, or only nearly. notes: what was
    decided, for people.
    """

    path: Path
    duration_s: float
    sample_rate_hz: int
    size_bytes: int
    sha256: str
    engine: str
    seed: int
    style: str
    bpm: float
    key: str
    structure: tuple[str, ...]
    instruments: tuple[str, ...]
    is_sung: bool
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
