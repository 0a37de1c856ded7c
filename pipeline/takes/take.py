"""One of several takes, and all of them together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.score_video import Deliverable


@dataclass(frozen=True, slots=True)
class Take:
    """A finished take. number: from 1. seed: what its music was drawn from. cues: its cue sheet, to go on from."""

    number: int
    seed: int
    made: Deliverable
    cues: Path


@dataclass(frozen=True, slots=True)
class Takes:
    """What a run with several takes leaves. page, clip: the comparison."""

    takes: tuple[Take, ...]
    page: Path
    clip: Path
    workspace: Path
