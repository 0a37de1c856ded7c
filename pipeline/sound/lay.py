"""Lay the composed cues on the film's timeline: one piece of music, and film-long stems where they are asked for."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.compose import Composed
from pipeline.delivery.place import beside
from pipeline.job import Job
from pipeline.publish import refusing
from pipeline.sound.join import Assembly, Join
from pipeline.sound.loudness import LoudnessMeter
from pipeline.sound.mix import write_music
from scoring.cue_sheet import CueSheet
from scoring.timebase import samples_at


@dataclass(frozen=True, slots=True)
class Laid:
    """The music alone, before any gain.

    path: a float file, total_samples long. energy: [K] K-weighted mean squares, a tenth of a
    second each. stems: the folder of film-long stems beside the result, or None.
    """

    path: Path
    total_samples: int
    integrated_lufs: float
    energy: NDArray[np.float64]
    joins: tuple[Join, ...]
    stems: Path | None


def lay(job: Job, sheet: CueSheet, composed: Composed, scratch: Path) -> Laid:
    """Join the takes where the cues meet and write the music, and the stems, film-long."""
    advance = job.clock.stage("mix")
    total_samples = samples_at(sheet.duration_s)
    assembly = Assembly(sheet.cues, composed.score.takes, composed.open_take, total_samples)
    path = scratch / "music.w64"
    stems = scratch / "stems" if job.wish.stems else None
    if stems is not None:
        stems.mkdir()
    meter = LoudnessMeter()
    with refusing(path):
        write_music(assembly, path, total_samples, meter, stems=stems, advance=lambda share: advance(share / 2))
    return Laid(
        path,
        total_samples,
        meter.integrated_lufs,
        meter.step_energy,
        tuple(assembly.joins),
        _publish_stems(stems, job) if stems is not None else None,
    )


def _publish_stems(made: Path, job: Job) -> Path:
    """Move the finished stems to `film.stems/` beside the result, in place of an earlier run's."""
    final = beside(job.output, ".stems")
    aside = final.with_name(f".{final.name}.part")
    with refusing(final):
        shutil.rmtree(aside, ignore_errors=True)
        shutil.move(made, aside)
        shutil.rmtree(final, ignore_errors=True)
        aside.replace(final)
    return final
