"""The API as it really runs: uvicorn on this machine, a real database, a real folder; workers by hand."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from integrations.api.app import create_app
from integrations.api.serving import make_server
from integrations.jobs.claiming import Lease, claim
from integrations.jobs.database import Database
from integrations.jobs.leasing import finish
from integrations.jobs.migrating import migrate
from integrations.jobs.tenants import create_key, ensure_tenant
from integrations.service.settings import QUEUES, ServiceSettings
from integrations.storage.opening import open_storage
from integrations.storage.storage import Storage
from integrations.work.task import File, Outcome

# A film to our eyes as long as nobody decodes it: the first bytes are an MP4's.
FILM = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(range(256)) * 64


@dataclass
class ApiRig:
    """A running API. app: what runs. rung: the queues that were rung for."""

    settings: ServiceSettings
    database: Database
    storage: Storage
    app: FastAPI
    address: str
    rung: list[str] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)

    def key(self, tenant: str = "a", quota: Mapping[str, int] | None = None) -> str:
        """A key of a tenant, the same at every call."""
        if quota is not None:
            ensure_tenant(self.database, tenant, quota)
        if tenant not in self.keys:
            self.keys[tenant] = create_key(self.database, tenant).secret
        return self.keys[tenant]

    def client(self, tenant: str = "a", **more: Any) -> httpx.Client:
        """A client with a tenant's key."""
        headers = {"Authorization": f"Bearer {self.key(tenant)}"}
        return httpx.Client(base_url=self.address, headers=headers, timeout=60, trust_env=False, **more)

    def upload(self, client: httpx.Client, data: bytes = FILM, name: str = "film.mp4") -> str:
        """The id of a film that was uploaded."""
        answer = client.post("/v1/uploads/file", files={"file": (name, data, "video/mp4")})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def job(self, client: httpx.Client, **asked: Any) -> str:
        """The id of a job that was taken in; of an uploaded film where nothing else is said."""
        if "source" not in asked and asked.get("kind", "score") in ("score", "analyse", "spot"):
            asked["source"] = {"upload": self.upload(client)}
        answer = client.post("/v1/jobs", json=asked)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def claim(self) -> Lease:
        """The next unit, as a worker gets it."""
        lease = claim(self.database, self.settings, "by hand", QUEUES)
        assert lease is not None
        return lease

    def finish(self, lease: Lease, files: Mapping[str, bytes] | None = None, **outcome: Any) -> None:
        """Publish what a unit made. files: shown ones; those called cues/… are kept but not shown."""
        stored = [self._put(lease, name, data) for name, data in (files or {}).items()]
        held = (lease.unit_id, lease.token)
        assert finish(self.database, self.settings, held, Outcome(tuple(stored), **outcome))

    def _put(self, lease: Lease, name: str, data: bytes) -> File:
        kinds = {"mp4": "video/mp4", "json": "application/json", "mid": "audio/midi", "flac": "audio/flac"}
        kind = kinds.get(name.rpartition(".")[2], "audio/mpeg")
        key = f"{lease.task.prefix}/{''.join(c if c.isalnum() or c in './-_' else '_' for c in name)}"
        made = self.storage.put_bytes(data, key)
        return File(name, key, made.size_bytes, made.sha256, kind, shown=not name.startswith("cues/"))


@contextmanager
def served(root: Path, wrap: Callable[[FastAPI], Any] | None = None, **settings: Any) -> Iterator[ApiRig]:
    """An API on a free port until the block ends. settings: over those of an empty environment."""
    from dataclasses import replace

    base = ServiceSettings.from_env({"CUESMITH_DATA": str(root / "data")})
    chosen = replace(base, **settings)
    database = Database(chosen.database_url)
    migrate(database)
    storage = open_storage(chosen.storage_url)
    rung: list[str] = []
    app = create_app(chosen, database=database, storage=storage, ring=rung.append)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = make_server(app, "127.0.0.1", listener.getsockname()[1])
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="uvicorn", daemon=True)
        thread.start()
        rig = ApiRig(chosen, database, storage, app, f"http://127.0.0.1:{listener.getsockname()[1]}", rung)
        try:
            until(lambda: server.started or not thread.is_alive())
            yield rig
        finally:
            server.should_exit = True
            thread.join(30)
            database.close()
        assert not thread.is_alive(), "the server did not stop"


def until(is_so: Callable[[], Any], within_s: float = 20.0) -> Any:
    """Wait for a state and answer it. Raises AssertionError where it does not come."""
    ends_s = time.monotonic() + within_s
    while not (found := is_so()):
        assert time.monotonic() < ends_s, f"not so within {within_s} s"
        time.sleep(0.02)
    return found
