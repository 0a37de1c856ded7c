"""A job's units done one after the other, as workers would do them, without a database between."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from integrations.jobs.orders import Order
from integrations.jobs.plan import first_steps, following
from integrations.storage.opening import open_storage
from integrations.storage.storage import Storage
from integrations.work.performing import perform
from integrations.work.task import File, Outcome, Step, Task
from pipeline.settings import Settings
from scoring.errors import CuesmithError


class Telling:
    """A Tell that remembers, and may do something at each step."""

    def __init__(self, step: Callable[[str, float], None] = lambda name, share: None) -> None:
        self.stages: list[str] = []
        self.notes: list[str] = []
        self._step = step

    def stage(self, name: str) -> Callable[[float], None]:
        self.stages.append(name)
        return lambda share: self._step(name, share)

    def note(self, text: str) -> None:
        self.notes.append(text)


@dataclass
class Done:
    """What became of a job: outcomes by "kind" or "kind:name", and the steps that were planned."""

    storage: Storage
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    telling: Telling = field(default_factory=Telling)

    def shown(self) -> dict[str, File]:
        """The job's artefacts by name."""
        files = [file for outcome in self.outcomes.values() for file in outcome.files if file.shown]
        assert len({file.name for file in files}) == len(files)
        return {file.name: file for file in files}

    def fetch(self, name: str, folder: Path) -> Path:
        """An artefact as a file in a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        return self.storage.fetch(self.shown()[name].key, folder / Path(name).name)

    def document(self, name: str) -> Any:
        """An artefact of JSON."""
        return json.loads(self.storage.get_bytes(self.shown()[name].key, 10**8))


def source_of(storage: Storage, film: Path, key: str = "uploads/u1/source") -> dict[str, Any]:
    """A film, uploaded."""
    stored = storage.put_file(film, key)
    return {"key": stored.key, "sha256": stored.sha256, "size_bytes": stored.size_bytes, "name": film.name}


def task_of(
    order: Order,
    step: Step,
    *,
    job: str = "job1",
    source: Mapping[str, Any] | None = None,
    done: Mapping[str, Outcome] | None = None,
    token: int = 1,
) -> Task:
    """The task of a step; all of it goes through JSON, as it does between machines."""
    through: dict[str, Any] = json.loads(
        json.dumps(
            {
                "order": order.to_json(),
                "payload": dict(step.payload),
                "done": {name: outcome.to_json() for name, outcome in (done or {}).items()},
            },
            allow_nan=False,
        )
    )
    unit = f"{step.kind}-{abs(hash(step.name)) % 10**6}"
    prefix = f"jobs/{job}/{unit}/{token}"
    return Task(unit, job, "t1", step.kind, step.name, token, 1, prefix, source=source, **through)


def attempt(
    tasks: Sequence[Task],
    storage: Storage,
    work: Path,
    *,
    settings: Settings | None = None,
    telling: Telling | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[Outcome | CuesmithError]:
    """What a child process does."""
    work.mkdir(parents=True, exist_ok=True)
    return perform(
        tasks,
        storage=storage,
        settings=settings or Settings(),
        work=work,
        tell=telling or Telling(),
        cancelled=cancelled,
    )


def do_job(
    order: Order,
    storage: Storage,
    work: Callable[[Step, int], Path],
    *,
    source: Mapping[str, Any] | None = None,
    settings: Callable[[Step], Settings] = lambda step: Settings(),
    job: str = "job1",
) -> Done:
    """Do a whole job, unit by unit. work: the folder of the machine that does a step, with its number from 0."""
    done = Done(storage)
    count = itertools.count()
    waiting = list(first_steps(order, source))
    while waiting:
        done.steps += waiting
        for step in waiting:
            task = task_of(order, step, job=job, source=source, done=done.outcomes)
            folder = work(step, next(count))
            (outcome,) = attempt([task], storage, folder, settings=settings(step), telling=done.telling)
            if isinstance(outcome, CuesmithError):
                raise outcome
            done.outcomes[f"{step.kind}:{step.name}" if step.name else step.kind] = outcome
        kind = waiting[0].kind
        waiting = list(following(order, kind, outcome, source))
    return done


def attempt_elsewhere(task: Task, storage_url: str, work: Path) -> Outcome | CuesmithError:
    """What a child process does with one task; to be called in one."""
    (outcome,) = attempt([task], open_storage(storage_url), work)
    return outcome
