"""A watch in this process, driven round by round, with a worker by hand: what it makes is a mark, not a score."""

from __future__ import annotations

import hashlib
import json
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from films import plain_film
from sqlalchemy import Row, select

from integrations.jobs.claiming import claim
from integrations.jobs.database import Database
from integrations.jobs.leasing import fail, finish
from integrations.jobs.migrating import migrate
from integrations.jobs.reception import Reception
from integrations.jobs.tables import drops, jobs
from integrations.jobs.tenants import LOCAL, Tenant, ensure_tenant
from integrations.service.settings import QUEUES, Quota, ServiceSettings
from integrations.storage.opening import open_storage
from integrations.storage.storage import Storage
from integrations.watch_folder.config import read_config
from integrations.watch_folder.ledger import Ledger
from integrations.watch_folder.places import open_places
from integrations.watch_folder.taking import Desk
from integrations.watch_folder.telling import Teller
from integrations.watch_folder.watcher import Watcher
from integrations.work.task import File, Outcome, Step
from scoring.errors import CuesmithError

QUICK = "[watch]\nsettle_s = 0.4\npoll_s = 0.1\npatience_s = 600\n"


@cache
def film_bytes() -> bytes:
    """A whole film of 0.8 s, a few kilobytes, its index at the end."""
    with TemporaryDirectory() as folder:
        return plain_film(Path(folder) / "film.mp4", 0.8, size="64x36").read_bytes()


def film(number: int = 0, padding_bytes: int = 8) -> bytes:
    """A film like no other number's: the same pictures, and a box that nobody reads."""
    body = struct.pack(">Q", number) + bytes([1]) * padding_bytes
    return film_bytes() + struct.pack(">I4s", 8 + len(body), b"free") + body


@dataclass
class WatchRig:
    """One watched folder below a folder of the test's. more: of watch.toml. fails: film's number → the job's error."""

    root: Path
    more: str = ""
    quota: Quota = field(default_factory=Quota)
    most_open: int = 8
    url: str = ""
    said: list[str] = field(default_factory=list)
    failing: CuesmithError | None = None

    def __post_init__(self) -> None:
        self.inbox, self.out = self.root / "in", self.root / "out"
        self.inbox.mkdir(exist_ok=True)
        self.config = self.root / "watch.toml"
        if not self.config.exists():
            self.config.write_text(QUICK + self.more)
        data = self.root / "data"
        data.mkdir(exist_ok=True)
        env = {"CUESMITH_DATA": str(data)} | ({"CUESMITH_DATABASE_URL": self.url} if self.url else {})
        self.settings = ServiceSettings.from_env(env)
        self.database = Database(self.settings.database_url)
        migrate(self.database)
        ensure_tenant(self.database, LOCAL)
        self.storage: Storage = open_storage(self.settings.storage_url)
        self.wanted = True
        self.watcher = self.watching()

    def watching(self) -> Watcher:
        """A watch from the start, as after a restart."""
        tenant = Tenant(LOCAL, self.quota)
        desk = Desk(
            database=self.database,
            storage=self.storage,
            settings=self.settings,
            tenant=tenant,
            reception=Reception(self.database, self.storage, self.settings),
            ledger=Ledger(self.database, tenant, self.inbox.resolve()),
            places=open_places(self.inbox, self.out, [self.settings.data]),
            is_wanted=lambda: self.wanted,
        )
        made = Watcher(
            desk, read_config(self.config, self.inbox.resolve()), Teller(self.said.append), most_open=self.most_open
        )
        made.start()
        return made

    def restart(self) -> None:
        """End the watch and begin it again."""
        self.watcher.stop()
        self.watcher = self.watching()

    def drop(self, name: str, data: bytes) -> Path:
        """A file that appears whole, by a rename."""
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(".arriving.part")
        aside.write_bytes(data)
        return aside.rename(path)

    def until(self, condition: Callable[[], Any], deadline_s: float = 60.0, works: bool = True) -> Any:
        """Rounds, and the jobs done by hand between them, until the condition is true."""
        end_s = time.monotonic() + deadline_s
        while True:
            pause_s = self.watcher.round()
            if works:
                self.work_off()
            value = condition()
            if value:
                return value
            assert time.monotonic() < end_s, f"it did not come true; said: {self.said}"
            self.watcher.wake.wait(min(pause_s, 0.1))
            self.watcher.wake.clear()

    def idle(self, deadline_s: float = 60.0) -> None:
        """Until nothing is left to be done of what lies there now."""
        self.watcher.ring()
        self.until(self.watcher.is_idle, deadline_s)

    def rounds(self, for_s: float) -> None:
        """So long, whatever happens."""
        end_s = time.monotonic() + for_s
        self.until(lambda: time.monotonic() > end_s, for_s + 30)

    def work_off(self) -> None:
        """Do what waits: a scored film is the word "scored" and the film's SHA-256."""
        while (lease := claim(self.database, self.settings, "w", QUEUES)) is not None:
            if self.failing is not None:
                assert fail(self.database, self.settings, (lease.unit_id, lease.token), self.failing)
                continue
            task = lease.task
            steps: tuple[Step, ...] = ()
            files: dict[str, bytes] = {}
            if task.kind == "spot":
                steps = (Step("finish"),)
            if task.kind == "finish":
                assert task.source is not None
                made = hashlib.sha256(self.storage.get_bytes(task.source["key"], 10**9)).hexdigest()
                files = {
                    "cues.json": b"{}",
                    "film.scored.mp4": f"scored {made}".encode(),
                    "report.json": json.dumps({"film": made}).encode(),
                    "stems/music.flac": b"flac",
                }
            kept = []
            for name, data in files.items():
                stored = self.storage.put_bytes(data, f"{task.prefix}/{name}")
                kept.append(File(name, stored.key, stored.size_bytes, stored.sha256, "application/json", True))
            assert finish(self.database, self.settings, (lease.unit_id, lease.token), Outcome(tuple(kept), {}, steps))

    def jobs(self) -> list[Row[Any]]:
        """Every job, the oldest first."""
        with self.database.reading() as connection:
            return list(connection.execute(select(jobs).order_by(jobs.c.created_s, jobs.c.id)).all())

    def rows(self) -> list[Row[Any]]:
        """The ledger's latest rows."""
        with self.database.reading() as connection:
            return list(connection.execute(select(drops).where(drops.c.is_latest.is_(True))).all())

    def scored(self, name: str) -> str:
        """The SHA-256 of the film that a result was made of; "" where there is no result."""
        path = self.out / name
        return path.read_text().removeprefix("scored ") if path.is_file() else ""

    def close(self) -> None:
        """End the watch, and hold what must be true of every one: no film was taken in part, none twice."""
        self.wanted = False
        self.watcher.stop()
        alive = [row for row in self.jobs() if row.state not in ("failed", "canceled", "expired")]
        asked = [(row.source["sha256"], json.dumps(row.order, sort_keys=True)) for row in alive]
        assert len(set(asked)) == len(asked)
        with self.database.reading() as connection:
            latest = select(drops.c.watch, drops.c.path_key).where(drops.c.is_latest.is_(True))
            keys = connection.execute(latest).all()
        assert len(set(keys)) == len(keys)
        self.database.close()


def sha256(data: bytes) -> str:
    """Hexadecimal."""
    return hashlib.sha256(data).hexdigest()


@contextmanager
def watch_rig(root: Path, more: str = "", **fields: Any) -> Iterator[WatchRig]:
    """A rig that is closed, and its invariants held, when the block ends."""
    root.mkdir(parents=True, exist_ok=True)
    made = WatchRig(root, more, **fields)
    try:
        yield made
    finally:
        made.close()
