"""A film with the analysis that an earlier unit made of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from integrations.work.desk import Desk
from integrations.work.task import File, Outcome
from pipeline.known import Known
from pipeline.stages.watching import record_of, recorded_watcher
from pipeline.watcher import Watcher
from pipeline.workspace import Workspace

KEPT = ("analysis.json", "manifest.json")  # of the workspace
RECORD = "watcher.json"
_MOST_BYTES = 10**6


@dataclass(frozen=True, slots=True)
class Earlier:
    """The analysing unit's outcome, and what is known of the film through it."""

    outcome: Outcome
    known: Known


def put_analysis(desk: Desk, workspace: Workspace, watcher: Watcher) -> tuple[File, ...]:
    """Store what lets another machine go on from here."""
    record = desk.storage.put_bytes(json.dumps(record_of(watcher)).encode(), f"{desk.task.prefix}/{RECORD}")
    return (
        *(
            desk.bench.put(workspace.folder / name, name, "application/json", shown=name == "analysis.json")
            for name in KEPT
        ),
        File(RECORD, record.key, record.size_bytes, record.sha256, "application/json"),
    )


def lay_analysis(desk: Desk) -> Earlier:
    """Put the analysis into the job's workspace on this machine. Raises EngineError when there is none."""
    outcome = desk.before("analyse")
    desk.bench.lay_analysis([outcome.file(name) for name in KEPT])
    record: dict[str, Any] = json.loads(desk.storage.get_bytes(outcome.file(RECORD).key, _MOST_BYTES))
    watcher = recorded_watcher(record, desk.wish, desk.settings)
    return Earlier(outcome, Known(desk.bench.title, desk.bench.sha256, watcher))
