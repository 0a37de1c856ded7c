"""Have the composer play something else than was planned: the plan stays, the sound changes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from faults.base import Base, Sound, laid_of, spoilt_folder
from pipeline.compose import compose
from pipeline.sound.lay import lay
from pipeline.workspace import Workspace
from scoring.cue_sheet import Cue


def recomposed(base: Base, name: str, change: Callable[[Cue], Cue]) -> Sound:
    """The laid music with cues changed and composed anew."""
    folder = spoilt_folder(base) / name
    kept = folder / "music.npy"
    if kept.exists():
        return np.asarray(np.load(kept))
    shutil.rmtree(folder, ignore_errors=True)
    run = base.run
    shutil.copytree(run.job.workspace.folder, folder)
    job = replace(run.job, workspace=Workspace(folder), output=folder / run.job.output.name)
    sheet = replace(run.sheet, cues=tuple(change(cue) for cue in run.sheet.cues))
    laid = lay(job, sheet, compose(job, sheet, run.heard.speech_to_clear(job.wish)), folder)
    sound = laid_of(replace(run, laid=laid))
    shutil.rmtree(folder)
    folder.mkdir()
    np.save(kept, sound)
    return sound
