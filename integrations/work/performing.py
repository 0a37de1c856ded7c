"""Do units: from tasks to outcomes, in this process, with nothing but a storage and a folder."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from integrations.storage.storage import Storage
from integrations.work.bench import Bench
from integrations.work.desk import Desk, said
from integrations.work.task import Outcome, Task, Tell
from pipeline.settings import Settings
from scoring.errors import CuesmithError, InputError

# Loaded when the first unit of its kind is done, or beforehand by importing integrations.work.warm.
_ROOM = "integrations.work.units"
_ALONE: Mapping[str, str] = {name: f"{_ROOM}.{name}" for name in ("analyse", "spot", "finish", "music")}


def perform(
    tasks: Sequence[Task],
    *,
    storage: Storage,
    settings: Settings,
    work: Path,
    tell: Tell,
    cancelled: Callable[[], bool],
) -> list[Outcome | CuesmithError]:
    """What became of each task, in order. Several only for cues that have one batch key.

    settings: of the pipeline. work: the folder of the jobs' folders. cancelled: becomes true when the tasks are no
    longer wanted; the answer is then Cancelled within a step of the stage. Raises only what nobody foresaw.
    """
    if len(tasks) > 1 and any(task.kind != "compose" for task in tasks):
        raise ValueError("only cues are composed together")
    results: dict[int, Outcome | CuesmithError] = {}
    benches: dict[int, Bench] = {}
    desks: dict[int, Desk] = {}
    for number, task in enumerate(tasks):
        try:
            benches[number] = Bench(task, storage, work)
            desks[number] = Desk.of(task, benches[number], storage, settings, tell, cancelled)
        except CuesmithError as error:
            results[number] = error
    if desks:
        results |= dict(zip(desks, _done(tasks[0].kind, list(desks.values())), strict=True))
    return [_shown(results[number], benches.get(number)) for number in range(len(tasks))]


def _done(kind: str, desks: Sequence[Desk]) -> list[Outcome | CuesmithError]:
    try:
        if kind == "compose":
            room: Any = importlib.import_module(f"{_ROOM}.compose")
            composed: list[Outcome | CuesmithError] = room.compose(desks)
            return composed
        if kind not in _ALONE:
            raise InputError(f"there is no unit of kind {kind!r} here", f"There are: compose, {', '.join(_ALONE)}")
        unit: Any = importlib.import_module(_ALONE[kind])
        outcome: Outcome = getattr(unit, kind)(desks[0])
        return [outcome]
    except CuesmithError as error:
        return [error] * len(desks)


def _shown(result: Outcome | CuesmithError, bench: Bench | None) -> Outcome | CuesmithError:
    return said(result, bench) if isinstance(result, CuesmithError) and bench is not None else result
