"""Disturbing workers: finding a slot's child, killing it, stopping a tree, and what must be true of the jobs after."""

from __future__ import annotations

import contextlib
import json
import random
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from films import colour_film
from service_rig import Process, Rig, until
from sqlalchemy import Row, select

from integrations.jobs import states
from integrations.jobs.tables import units
from integrations.storage.opening import open_storage

COMPARED = ("analysis.json", "cues.json", "film.scored.mp4")  # and what the cues are; a report has times in it
_LAST_ATTEMPT = 3


def small_film(path: Path) -> Path:
    """Five seconds with one cut: a worker scores it in a few seconds."""
    return colour_film(path, [("darkred", 2.5), ("navy", 2.5)])


def made_by(rig: Rig, job_id: str, tenant: str) -> dict[str, str]:
    """name → SHA-256 of what a job published and what another run of it publishes too."""
    files = {file.name: file.sha256 for file in rig.succeeded(job_id, tenant=tenant).artefacts}
    return {name: sha for name, sha in files.items() if name in COMPARED or name.startswith("cues/")}


# Processes -------------------------------------------------------------------------------------------


def forkserver(worker: Process) -> psutil.Process | None:
    """The process that a worker's children are forked from; None when there is none yet."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process(worker.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if any("forkserver" in word for word in child.cmdline()):
                    return child
    return None


def hands(worker: Process) -> list[psutil.Process]:
    """The children that do a worker's units, as they are now."""
    server = forkserver(worker)
    with contextlib.suppress(psutil.NoSuchProcess):
        return [] if server is None else list(server.children())
    return []


def at_work(worker: Process) -> tuple[psutil.Process, list[psutil.Process]] | None:
    """A child that does a unit, and what it has started (ffmpeg), seen in one look; None while none has started any."""
    for hand in hands(worker):
        with contextlib.suppress(psutil.NoSuchProcess):
            started = [p for p in hand.children(recursive=True) if p.status() != psutil.STATUS_ZOMBIE]
            if started:
                return hand, started
    return None


def tools(worker: Process) -> list[psutil.Process]:
    """What a worker's children have started (ffmpeg), and what lies about where its parent was killed."""
    server, ours = forkserver(worker), hands(worker)
    own = {worker.pid, *(hand.pid for hand in ours), *([server.pid] if server else [])}
    found = []
    for process in worker.family():
        with contextlib.suppress(psutil.NoSuchProcess):
            is_python = any("multiprocessing" in word for word in process.cmdline())
            if process.pid not in own and not is_python and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def gone(processes: Iterable[psutil.Process], deadline_s: float = 15.0) -> None:
    """Hold that processes end by themselves."""
    _, alive = psutil.wait_procs([p for p in processes if p.is_running()], timeout=deadline_s)
    left = [p for p in alive if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    assert not left, f"still there after {deadline_s:g} s: {left}"


# Units -----------------------------------------------------------------------------------------------


def leased(rig: Rig) -> list[Row[Any]]:
    """Units that are being done."""
    with rig.database.reading() as connection:
        return list(connection.execute(select(units).where(units.c.state == "leased")).all())


def unit(rig: Rig, unit_id: str) -> Row[Any]:
    """A unit as it is now."""
    with rig.database.reading() as connection:
        return connection.execute(select(units).where(units.c.id == unit_id)).one()


def owned_by(row: Row[Any], worker: Process) -> bool:
    """Whether a worker process holds a unit."""
    return f":{worker.pid}:" in row.owner


def holder(rig: Rig, workers: Sequence[Process], kind: str = "", deadline_s: float = 60.0) -> tuple[Process, Row[Any]]:
    """A worker that holds a unit (of a kind), and the unit."""

    def look() -> tuple[Process, Row[Any]] | None:
        for row in leased(rig):
            for worker in workers:
                if owned_by(row, worker) and kind in ("", row.kind):
                    return worker, row
        return None

    found: tuple[Process, Row[Any]] = until(look, deadline_s, f"a unit {kind} in work")
    return found


def check_published_once(rig: Rig, job_ids: Iterable[str]) -> None:
    """Hold that the storage keeps one attempt's files for each unit that is done, those it published, and no other's.

    A unit whose result was known already (the same tenant, the same content) has none of its own.
    """
    storage = open_storage(rig.settings.storage_url)
    for job_id in job_ids:
        for row in rig.units(job_id):
            prefix = f"results/{row.tenant_id}/{row.id}"
            tokens = {key.removeprefix(f"{prefix}/").split("/")[0] for key, _ in storage.walk(prefix)}
            own = set(re.findall(rf'"{prefix}/(\d+)/', json.dumps(row.outcome)))
            assert len(own) <= 1, (row.kind, row.name, own)
            assert tokens == own, (row.kind, row.name, row.state, row.attempt, tokens, own)


def check_nothing_kept(rig: Rig, job_id: str) -> None:
    """Hold that neither the storage nor the work folder has anything of a job that was stopped, but what it shares."""
    storage = open_storage(rig.settings.storage_url)
    assert not (rig.settings.work / job_id).exists()
    for row in rig.units(job_id):
        if row.state != "done":
            assert storage.list_keys(f"results/{row.tenant_id}/{row.id}") == []


def is_clean(rig: Rig, job_id: str) -> bool:
    """Whether check_nothing_kept holds now."""
    try:
        check_nothing_kept(rig, job_id)
    except AssertionError:
        return False
    return True


def is_quiet(rig: Rig, worker: Process, jobs: Iterable[tuple[str, str]], slots: int) -> bool:
    """Whether a worker does nothing any more, runs nothing but children that wait, and has cleared cancelled jobs."""
    if leased(rig) or tools(worker) or len(hands(worker)) > slots:
        return False
    return all(
        not (rig.settings.work / job).exists()
        and (rig.job(job, tenant).state != states.CANCELLED or is_clean(rig, job))
        for job, tenant in jobs
    )


# Killing at random -----------------------------------------------------------------------------------


@dataclass
class Killer:
    """Kills children of workers while they do units, never one that is at its last attempt.

    resumed_s: from each kill to the moment the same unit was claimed again. too_late: units that were done before the
    kill arrived.
    """

    rig: Rig
    workers: list[Process]
    dice: random.Random
    resumed_s: list[float] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    too_late: int = 0
    _open: list[tuple[float, Row[Any]]] = field(default_factory=list)

    @property
    def kills(self) -> int:
        """How many units lost their process."""
        return len(self.resumed_s) + len(self._open)

    def kill_child(self, within_s: float = 1.0) -> bool:
        """Wait a random time and kill a child that does a unit then; whether there was one."""
        time.sleep(self.dice.uniform(0.0, within_s))
        rows = [row for row in leased(self.rig) if row.attempt < _LAST_ATTEMPT]
        self.dice.shuffle(rows)
        for row in rows:
            for worker in self.workers:
                if owned_by(row, worker):
                    for hand in hands(worker):
                        with contextlib.suppress(psutil.NoSuchProcess):
                            at_s = time.time()
                            hand.kill()
                            self._open.append((at_s, row))
                            self.look()
                            return True
        return False

    def kill_tree(self) -> Process | None:
        """Kill a worker that does a unit, with all its processes; which one."""
        rows = [row for row in leased(self.rig) if row.attempt < _LAST_ATTEMPT]
        self.dice.shuffle(rows)
        for row in rows:
            for worker in self.workers:
                if owned_by(row, worker):
                    at_s = time.time()
                    worker.kill_tree()
                    self.workers.remove(worker)
                    self._open.append((at_s, row))
                    return worker
        return None

    def look(self) -> None:
        """See which of the killed units have been claimed again."""
        still = []
        for at_s, row in self._open:
            now = unit(self.rig, row.id)
            if now.token > row.token and now.state != "dropped":
                self.resumed_s.append(now.started_s - at_s)
                self.kinds[row.kind] = self.kinds.get(row.kind, 0) + 1
            elif now.state in ("done", "failed", "dropped"):
                self.too_late += 1
            else:
                still.append((at_s, row))
        self._open = still

    def settle(self, deadline_s: float = 60.0) -> None:
        """Wait until all killed units have been claimed again."""

        def look() -> bool:
            self.look()
            return not self._open

        until(look, deadline_s, "the resumption of killed units")


def all_ended(rig: Rig, jobs: Iterable[tuple[str, str]]) -> bool:
    """Whether all of (job, tenant) have ended."""
    return all(rig.job(job, tenant).state in states.ENDED for job, tenant in jobs)
