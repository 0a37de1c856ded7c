"""Make every take, one after the other, from one listening."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.delivery.place import beside, take_place
from pipeline.job import Clock, Job
from pipeline.listen import Heard
from pipeline.publish import write_text
from pipeline.score_video import Deliverable, produce
from pipeline.takes.sheets import TakeSheet
from pipeline.takes.take import Take
from pipeline.wish import Observer
from pipeline.workspace import file_sha256
from scoring import cue_sheet_json
from scoring.cue_sheet import CueSheet
from scoring.errors import Cancelled, CapacityError, CuesmithError

Make = Callable[[Job, Heard, CueSheet], Deliverable]


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be made: its name ("take 2"), and why."""

    name: str
    error: CuesmithError


def produce_all(
    job: Job, heard: Heard, sheets: Sequence[TakeSheet], observer: Observer, make: Make = produce
) -> tuple[list[Take], list[Failure]]:
    """The takes that could be made, and what became of the others; a full disk ends the row.

    make: from a take's own job and sheet to its film. Raises Cancelled.
    """
    takes: list[Take] = []
    failures: list[Failure] = []
    for number, planned in enumerate(sheets, 1):
        observer.note(f"take {number} of {len(sheets)}, seed {planned.seed}")
        own = _job_of(job, number, len(sheets), observer)
        try:
            takes.append(_produce(make, own, replace(heard, was_kept=heard.was_kept or number > 1), planned, number))
        except Cancelled:
            raise
        except CuesmithError as error:
            failures.append(Failure(f"take {number}", error))
            if isinstance(error, CapacityError):
                break
    job.workspace.note(further_takes=[_facts(take) for take in takes if take.number > 1])
    return takes, failures


def _produce(make: Make, job: Job, heard: Heard, planned: TakeSheet, number: int) -> Take:
    made = make(job, heard, planned.sheet)
    cues = beside(made.video, ".cues.json")
    write_text(cues, cue_sheet_json.dumps(made.sheet))
    return Take(number, planned.seed, made, cues)


def _job_of(job: Job, number: int, count: int, observer: Observer) -> Job:
    """The job of one take. What was noted while listening holds for all; only the first took the time."""
    clock = Clock(_Numbered(observer, number, count))
    job.clock.stop()
    clock.notes += job.clock.notes
    if number == 1:
        clock.stages_s.update(job.clock.stages_s)
    return replace(job, output=take_place(job.output, number), clock=clock, take=number)


def _facts(take: Take) -> dict[str, object]:
    """What the manifest keeps of a take after the first."""
    return {
        "take": take.number,
        "seed": take.seed,
        "cues": str(take.cues),
        "output": {"path": str(take.made.video), "sha256": file_sha256(take.made.video)},
    }


class _Numbered:
    """Passes on how a take is getting on, and which one it is."""

    def __init__(self, observer: Observer, number: int, count: int) -> None:
        self._observer = observer
        self._number = number
        self._count = count

    def stage(self, name: str) -> Callable[[float], None]:
        return self._observer.stage(f"{name} {self._number}/{self._count}")

    def note(self, text: str) -> None:
        self._observer.note(f"take {self._number}: {text}")
