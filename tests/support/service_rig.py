"""The service as it really runs: worker and API processes on one database, killed and looked into from outside."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import func, select

from integrations.jobs import states
from integrations.jobs.database import Database
from integrations.jobs.intake import Ask, take_in
from integrations.jobs.migrating import migrate
from integrations.jobs.orders import read_order
from integrations.jobs.reading import JobView, read_job, units_of
from integrations.jobs.tables import artefacts, jobs, units
from integrations.jobs.tenants import Tenant, create_key, ensure_tenant
from integrations.service.settings import Quota, ServiceSettings
from integrations.storage.opening import open_storage
from pipeline.workspace import file_sha256

COMMAND = [sys.executable, "-c", "from integrations.cli.main import main; main()"]
_STEP_S = 0.05


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(condition: Callable[[], Any], deadline_s: float = 60.0, what: str = "it") -> Any:
    """What the condition says once that is true; fails after the deadline."""
    end_s = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end_s, f"{what} did not come true within {deadline_s:g} s"
        time.sleep(_STEP_S)


@dataclass
class Process:
    """A process of ours and what it logs."""

    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.popen.pid

    def family(self) -> list[psutil.Process]:
        """It and everything below it, as it is now."""
        try:
            me = psutil.Process(self.pid)
            return [me, *me.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def kill_tree(self) -> None:
        """As a power cut does: everything at once."""
        family = self.family()
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.popen.wait(10)
        psutil.wait_procs(family, timeout=5)

    def terminate(self, number: int = signal.SIGTERM, patience_s: float = 90.0) -> int:
        """Ask it to end, and its exit code."""
        self.popen.send_signal(number)
        return self.popen.wait(patience_s)


@dataclass
class Rig:
    """A folder with a database, a storage and a film, and the processes that work on them."""

    root: Path
    extra: dict[str, str] = field(default_factory=dict)
    processes: list[Process] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.settings = ServiceSettings.from_env(self.environment())
        self.database = Database(self.settings.database_url)
        migrate(self.database)
        ensure_tenant(self.database, "local")

    def environment(self, **more: str) -> dict[str, str]:
        """What the processes see. Leases are short, so that nobody waits long for one to lapse."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        own = {
            "CUESMITH_DATA": str(self.root / "data"),
            "CUESMITH_POLL_S": "0.3",
            "CUESMITH_GRACE_S": "20",
            "CUESMITH_ANALYSER": "colour-motion",
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        }
        return {**kept, **own, **self.extra, **more}

    # Processes ---------------------------------------------------------------------------------------

    def start(self, *arguments: str, **more: str) -> Process:
        """A `cuesmith` command in a session of its own."""
        log = self.root / f"log-{len(self.processes)}.txt"
        with log.open("wb") as file:
            popen = subprocess.Popen(
                [*COMMAND, *arguments],
                env=self.environment(**more),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
                cwd=self.root,
            )
        process = Process(popen, log)
        self.processes.append(process)
        return process

    def worker(self, queues: str = "fetch,media,compose,gpu", slots: int = 1, **more: str) -> Process:
        """A worker."""
        if "CUESMITH_DATA" in more:
            more.setdefault("CUESMITH_DATABASE_URL", self.settings.database_url)
            more.setdefault("CUESMITH_STORAGE_URL", self.settings.storage_url)
        return self.start("worker", "--queues", queues, "--slots", str(slots), **more)

    def api(self, workers: int = 0, *options: str, **more: str) -> tuple[Process, str]:
        """An API, once it answers, and its address. options: further ones of `serve`; more: of its environment."""
        import httpx

        port = free_port()
        process = self.start("serve", "--port", str(port), "--workers", str(workers), *options, **more)
        address = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            assert process.popen.poll() is None, process.log.read_text()
            try:
                return httpx.get(f"{address}/healthz", timeout=2).status_code == 200
            except httpx.TransportError:
                return False

        until(answers, 60, "the API")
        return process, address

    def key(self, tenant: str = "local") -> str:
        """A new API key."""
        return create_key(self.database, tenant).secret

    def close(self) -> None:
        """End every process and hold what must be true of every database afterwards."""
        for process in self.processes:
            process.kill_tree()
        try:
            self.check()
        finally:
            self.database.close()

    # Jobs --------------------------------------------------------------------------------------------

    def submit(self, film: Path | None = None, tenant: str = "local", **order: Any) -> str:
        """A job taken in; its film goes into the storage first."""
        source = None
        if film is not None:
            storage = open_storage(self.settings.storage_url)
            sha = file_sha256(film)
            key = f"uploads/{tenant}/{sha[:32]}/source"
            if not storage.exists(key):
                storage.put_file(film, key)
            source = {"key": key, "sha256": sha, "size_bytes": film.stat().st_size, "name": film.name}
        ensure_tenant(self.database, tenant)
        return take_in(self.database, Tenant(tenant, Quota()), Ask(read_order(order), source)).job_id

    def job(self, job_id: str, tenant: str = "local") -> JobView:
        """The job as its tenant sees it."""
        with self.database.reading() as connection:
            return read_job(connection, tenant, job_id)

    def units(self, job_id: str) -> list[Any]:
        """Every unit of a job."""
        with self.database.reading() as connection:
            return units_of(connection, job_id)

    def ended(self, job_id: str, deadline_s: float = 120.0, tenant: str = "local") -> JobView:
        """The job once it has ended."""

        def look() -> JobView | None:
            view = self.job(job_id, tenant)
            alive = [process for process in self.processes if process.popen.poll() is None]
            assert alive or view.has_ended, f"nobody works any more: {self.logs()}"
            return view if view.has_ended else None

        view: JobView = until(look, deadline_s, f"the end of {job_id}")
        return view

    def succeeded(self, job_id: str, deadline_s: float = 120.0, tenant: str = "local") -> JobView:
        """The job, which must have ended well."""
        view = self.ended(job_id, deadline_s, tenant)
        assert view.state == states.SUCCEEDED, (view.state, view.error, self.logs())
        return view

    def fetch(self, view: JobView, name: str) -> Path:
        """A copy of a job's file."""
        (file,) = [file for file in view.artefacts if file.name == name]
        into = self.root / "fetched" / view.id / name
        into.parent.mkdir(parents=True, exist_ok=True)
        path = open_storage(self.settings.storage_url).fetch(file.storage_key, into)
        assert file_sha256(path) == file.sha256
        return path

    def logs(self) -> str:
        """The end of what every process logged."""
        return "\n".join(f"--- {p.log.name}\n{p.log.read_text()[-3000:]}" for p in self.processes)

    def logged(self, event: str) -> list[Mapping[str, Any]]:
        """Log lines of one event, of every process."""
        found = []
        for process in self.processes:
            for line in process.log.read_text().splitlines():
                with contextlib.suppress(ValueError):
                    row = json.loads(line)
                    if isinstance(row, dict) and row.get("event") == event:
                        found.append(row)
        return found

    def check(self) -> None:
        """What is true of the database and the storage at every moment, whatever happened."""
        with self.database.reading() as connection:
            for job in connection.execute(select(jobs)).all():
                rows = connection.execute(select(units).where(units.c.job_id == job.id)).all()
                open_units = [row for row in rows if row.state in ("waiting", "leased")]
                if job.state in states.ENDED:
                    assert not open_units, f"{job.id} is {job.state} and something is still done for it"
                    assert job.ended_s is not None
                else:
                    assert open_units, f"{job.id} is {job.state} and nothing is done for it any more"
                assert all(row.attempt <= self.settings.patience.attempts for row in rows)
                if job.state == states.SUCCEEDED:
                    assert all(row.state == "done" for row in rows)
                    assert job.progress == 1.0
            twice = connection.execute(
                select(artefacts.c.job_id, artefacts.c.name)
                .group_by(artefacts.c.job_id, artefacts.c.name)
                .having(func.count() > 1)
            ).all()
            assert not twice
            storage = open_storage(self.settings.storage_url)
            for row in connection.execute(select(artefacts)).all():
                if connection.execute(select(jobs.c.state).where(jobs.c.id == row.job_id)).scalar_one() == "succeeded":
                    assert storage.size_bytes(row.storage_key) == row.size_bytes


@contextmanager
def rig(root: Path, **extra: str) -> Iterator[Rig]:
    """A rig that is closed, and its invariants held, when the block ends."""
    root.mkdir(parents=True, exist_ok=True)
    made = Rig(root, dict(extra))
    try:
        yield made
    finally:
        made.close()


def quick(settings: ServiceSettings, **patience: float) -> ServiceSettings:
    """Settings with other times."""
    return replace(settings, patience=replace(settings.patience, **patience))
