"""A take as one file to listen to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipeline.publish import published
from pipeline.sound.file import SoundWriter
from pipeline.stages.take import Made
from pipeline.workspace import Workspace
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

_BLOCK_SAMPLES = 10 * SAMPLE_RATE_HZ
_FULL_SCALE = 0.999


def write_playable(made: Made, workspace: Workspace, path: Path) -> float:
    """Write a take's stems added up, lead-in and tail too, as 24-bit FLAC; turned down where it would clip.

    Returns by how much, dB, 0 or less.
    """
    peak = max((float(np.abs(block).max(initial=0.0)) for block in _blocks(made, workspace)), default=0.0)
    gain = min(1.0, _FULL_SCALE / peak) if peak > 0 else 1.0
    with published(path) as aside, SoundWriter(aside, "flac24") as file:
        for block in _blocks(made, workspace):
            file.write(block * np.float32(gain))
    return 20 * float(np.log10(gain))


def _blocks(made: Made, workspace: Workspace) -> Iterator[Samples]:
    stems = workspace.open_take(made.key, made.take)
    try:
        for start in range(0, made.take.total_samples, _BLOCK_SAMPLES):
            count = min(_BLOCK_SAMPLES, made.take.total_samples - start)
            parts = list(stems.read(start, count).values())
            yield np.sum(parts, axis=0, dtype=np.float32)
    finally:
        stems.close()
