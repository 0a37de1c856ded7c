"""Put together what was composed elsewhere: takes in the job's workspace, and what their machines said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.compose import Composed, composed_of, standing_in, stood_in, tried
from pipeline.job import Job
from pipeline.stages.played import PlayedBy
from pipeline.stages.take import Band, Made
from pipeline.workspace import Workspace
from scoring.cue_sheet import CueSheet
from scoring.cue_sheet_json import dumps
from scoring.errors import EngineError


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of a composed cue beside its take's folder. Fields as in Made, Players and Composed.

    notes: what its machine had to say to people.
    """

    cue: str
    key: str
    was_made: bool
    failed: tuple[tuple[str, str], ...]
    missing: tuple[tuple[str, str], ...]
    by: PlayedBy
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, made: Made, band: Band) -> Record:
        """On the machine that composed it."""
        notes = (*standing_in(band), *stood_in(made), *tried(made))
        by = PlayedBy.of(band.players)
        return cls(made.take.cue_id, made.key, made.was_made, made.failed, tuple(band.missing), by, notes)

    def to_json(self) -> dict[str, Any]:
        """Plain values; from_json reads them."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Record:
        """What to_json wrote, after a way through JSON too."""
        pairs = {name: tuple((engine, why) for engine, why in document[name]) for name in ("failed", "missing")}
        by, notes = PlayedBy.from_json(document["by"]), tuple(document["notes"])
        return cls(document["cue"], document["key"], document["was_made"], **pairs, by=by, notes=notes)

    def read(self, workspace: Workspace) -> Made:
        """The take. Raises EngineError when it is not in the workspace."""
        take = workspace.take(self.cue, self.key)
        if take is None:
            raise EngineError(f"the take of cue {self.cue} is not where it was put", "Try again")
        return Made(take, self.key, self.was_made, self.failed)


def gather(job: Job, sheet: CueSheet, records: Sequence[Record]) -> Composed:
    """The score of a sheet from takes that lie in the job's workspace. records: one per cue, in the sheet's order.

    Raises EngineError when a take is missing.
    """
    if job.owns_workspace:
        job.workspace.keep_cues(dumps(sheet))
    for note in dict.fromkeys(note for record in records for note in record.notes):
        job.clock.note(note)
    made = [record.read(job.workspace) for record in records]
    by = PlayedBy.together([record.by for record in records])
    return composed_of(job, made, [record.missing for record in records], by)
