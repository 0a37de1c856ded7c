"""A service as Celery clients see it: a listener on a real broker, a database, a storage, and a small worker."""

from __future__ import annotations

import json
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from service_rig import quick, until
from sqlalchemy import func
from sqlalchemy import select as choose

from integrations.bell.listener import Listener
from integrations.jobs.claiming import Lease, claim
from integrations.jobs.database import Database
from integrations.jobs.leasing import fail, finish, tell_progress
from integrations.jobs.migrating import migrate
from integrations.jobs.reading import JobView, list_jobs, read_job
from integrations.jobs.tables import tasks
from integrations.service.settings import QUEUES, ServiceSettings
from integrations.storage.opening import open_storage
from integrations.storage.storage import Storage
from integrations.work.task import File, Outcome, Step
from scoring.errors import CuesmithError

_ANSWER_S = 60.0
CLIENT = Path(__file__).with_name("foreign_client.py")
FILM = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(range(256)) * 64


class Client:
    """The foreign client's process."""

    def __init__(self, folder: Path, broker_url: str, result_url: str) -> None:
        self._log = (folder / "client.log").open("w+b")
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-W", "ignore", str(CLIENT), broker_url, result_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=folder,
            start_new_session=True,
        )

    def say(self, do: str, **what: Any) -> Any:
        """One command, and its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **what}).encode() + b"\n")
        self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], _ANSWER_S)[0]:
            self._process.send_signal(signal.SIGUSR1)  # it tells where it stands
            self._process.wait(10)
            self._log.seek(0)
            raise AssertionError(f"no answer to {do}: {self._log.read().decode()}")
        answer = json.loads(self._process.stdout.readline())
        assert "ok" in answer, answer
        return answer["ok"]

    def send(self, task: str, *args: Any, options: Mapping[str, Any] | None = None, **kwargs: Any) -> str:
        """Send a task; its id."""
        sent: str = self.say("send", task=task, args=args, kwargs=kwargs, options=dict(options or {}))
        return sent

    def state(self, task_id: str) -> str:
        """Celery's state of a task."""
        found: str = self.say("look", id=task_id)["state"]
        return found

    def get(self, task_id: str, timeout: float = 30) -> dict[str, Any]:
        """What result.get() answers or raises."""
        found: dict[str, Any] = self.say("get", id=task_id, timeout=timeout)
        return found

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()
        self._log.close()


class BellRig:
    """settings, database and storage of a service, and listeners that a test starts and stops."""

    def __init__(self, root: Path, broker_url: str, **environment: str) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root, self.films = root, root / "films"
        self.films.mkdir(exist_ok=True)
        self.environment = {
            "CUESMITH_DATA": str(root / "data"),
            "CUESMITH_ROOTS": str(self.films),
            "CUESMITH_BROKER_URL": broker_url,
            **environment,
        }
        self.settings = quick(ServiceSettings.from_env(self.environment), backoff_s=(0.01,))
        self.database = Database(self.settings.database_url)
        migrate(self.database)
        self.storage: Storage = open_storage(self.settings.storage_url)
        self.rung: list[str] = []
        self.has_rung = threading.Event()
        self.listeners: list[Listener] = []
        self.clients: list[Client] = []

    def listener(self, **more: Any) -> Listener:
        """A listener that has been started."""

        def on_ring(queue: str) -> None:
            self.rung.append(queue)
            self.has_rung.set()

        made = Listener(self.settings, QUEUES, on_ring, database=self.database, **more)
        made.start()
        self.listeners.append(made)
        return made

    def hearing(self, **more: Any) -> Listener:
        """A listener that the broker knows of."""
        made = self.listener(**more)
        until(lambda: made.is_connected, 20, "the connection to the broker")
        return made

    def client(self, result_url: str) -> Client:
        """A foreign client."""
        assert self.settings.broker_url is not None
        made = Client(self.root, self.settings.broker_url, result_url)
        self.clients.append(made)
        return made

    def film(self, name: str = "film.mp4") -> Path:
        """A file that begins as a film does."""
        path = self.films / name
        path.write_bytes(FILM + name.encode())
        return path

    # The worker --------------------------------------------------------------------------------------

    def lease(self) -> Lease | None:
        """The next unit."""
        return claim(self.database, self.settings, "test", QUEUES)

    def work(self, deadline_s: float = 20) -> int:
        """Do units until a job has been seen and none is left; how many."""
        lease: Lease | None = until(self.lease, deadline_s, "a unit")
        done = 0
        while lease is not None:
            self.do(lease)
            done += 1
            lease = self.lease()
        return done

    def do(self, lease: Lease) -> None:
        """Do a unit: a file that says which it was."""
        kind, text = lease.task.kind, f"{lease.job_id} {lease.task.kind} {lease.task.name}".encode()
        stored = self.storage.put_bytes(text, f"{lease.task.prefix}/{kind}.txt")
        shown = File(f"{kind}.txt", stored.key, stored.size_bytes, stored.sha256, "text/plain", shown=True)
        steps = (Step("compose", "1m1"),) if kind == "spot" else ()
        tell_progress(self.database, (lease.unit_id, lease.token), state=None, share=0.5, notes=[])
        finish(self.database, self.settings, (lease.unit_id, lease.token), Outcome((shown,), {"did": kind}, steps))

    def break_down(self, lease: Lease, error: CuesmithError) -> None:
        """Fail at a unit."""
        fail(self.database, self.settings, (lease.unit_id, lease.token), error)

    # Looking -----------------------------------------------------------------------------------------

    def jobs(self, tenant: str = "local") -> list[JobView]:
        """All jobs, the newest first."""
        with self.database.reading() as connection:
            return list_jobs(connection, tenant, most=1000)

    def job(self, job_id: str, tenant: str = "local") -> JobView:
        """One job."""
        with self.database.reading() as connection:
            return read_job(connection, tenant, job_id)

    def untold(self) -> int:
        """How many tasks are not over."""
        with self.database.reading() as connection:
            return connection.execute(choose(func.count()).where(~tasks.c.is_over)).scalar_one()

    def close(self) -> None:
        for listener in self.listeners:
            listener.stop()
        for client in self.clients:
            client.close()
        self.database.close()


@contextmanager
def bell_rig(root: Path, broker_url: str, **environment: str) -> Iterator[BellRig]:
    """A rig that is closed when the block ends."""
    made = BellRig(root, broker_url, **environment)
    try:
        yield made
    finally:
        made.close()
