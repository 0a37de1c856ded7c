"""The cue sheet of each take: the same film spotted from another seed, or a person's sheet with other notes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.job import Job
from pipeline.looking import Looking
from pipeline.sheet import make_sheet
from scoring.analysis import Analysis
from scoring.cue_sheet import CueSheet
from scoring.errors import InputError
from scoring.seeds import cue_seed, take_seed


@dataclass(frozen=True, slots=True)
class TakeSheet:
    """A take's sheet, and the seed that its music is drawn from."""

    seed: int
    sheet: CueSheet


def make_sheets(job: Job | Looking, analysis: Analysis, count: int) -> tuple[TakeSheet, ...]:
    """One sheet per take. The first is what a run by itself would use.

    Where the sheet is spotted, each other take's is what a run by itself with that seed would use. Where a person
    wrote it, its cues, tempi and keys stay, and the notes change. Raises what make_sheet raises, InputError when
    every cue is locked.
    """
    is_a_persons = job.given.sheet is not None or job.workspace.edited_cues() is not None
    first = make_sheet(job, analysis)
    sheets = [TakeSheet(first.seed, first)]
    for number in range(2, count + 1):
        seed = take_seed(first.seed, number)
        if is_a_persons:
            sheets.append(TakeSheet(seed, reseeded(first, seed)))
        else:
            sheets.append(TakeSheet(seed, make_sheet(replace(job, wish=replace(job.wish, seed=seed)), analysis)))
    return tuple(sheets)


def reseeded(sheet: CueSheet, seed: int) -> CueSheet:
    """The sheet with other notes, but for its locked cues, which stay the same samples.

    The film's theme and palette follow from the sheet's own seed: with a locked cue they stay too, since it plays them.
    Raises InputError when every cue is locked.
    """
    if all(cue.locked for cue in sheet.cues):
        raise InputError(
            f"all {len(sheet.cues)} cues of the sheet are locked, so every take would be the same",
            "Unlock the cues that may change, or leave --takes out",
        )
    is_any_locked = any(cue.locked for cue in sheet.cues)
    return replace(
        sheet,
        seed=sheet.seed if is_any_locked else seed,
        cues=tuple(cue if cue.locked else replace(cue, seed=cue_seed(seed, cue.id)) for cue in sheet.cues),
    )
