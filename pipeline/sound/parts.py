"""The two halves of the finished mix: the music as it is heard, ducks and all, and the film's own sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline.publish import refusing
from pipeline.sound.file import SoundWriter, reading
from pipeline.sound.mix import PARTS
from scoring.timebase import SAMPLE_RATE_HZ


def publish_parts(made: Path, stems: Path, gain_db: float) -> None:
    """Write `stems/as mixed/music.flac` and `film.flac` from the float files in `made`, at the master's gain.

    Together they are what its limiter was given. What passes full scale in one of them by itself is cut off at it.
    """
    folder = stems / "as mixed"
    gain = np.float32(10 ** (gain_db / 20))
    with refusing(folder):
        folder.mkdir()
        for name in PARTS:
            path = made / name
            with reading(path) as file, SoundWriter(folder / f"{path.stem}.flac", "flac24", file.channels) as out:
                for block in file.blocks(SAMPLE_RATE_HZ, dtype="float32", always_2d=True):
                    out.write(np.clip(block.T * gain, -1.0, 1.0))
            path.unlink()
