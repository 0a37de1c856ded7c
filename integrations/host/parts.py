"""The parts that every process of the service has: its database, its storage, its bell."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from integrations.jobs.database import Database
from integrations.jobs.migrating import check_current, migrate
from integrations.jobs.tenants import LOCAL, create_key, list_keys
from integrations.service.logs import logger
from integrations.service.settings import ServiceSettings
from integrations.storage.opening import open_storage
from integrations.storage.storage import Storage
from pipeline.publish import published
from scoring.errors import CapacityError

KEY_FILE = "local.key"
_WAIT_S = 60.0  # for somebody to migrate the database, at a worker's start
_STEP_S = 1.0


@dataclass(frozen=True, slots=True)
class Parts:
    """ring: says that there may be work in a queue; never fails and never blocks for long."""

    settings: ServiceSettings
    database: Database
    storage: Storage
    ring: Callable[[str], None]

    def close(self) -> None:
        """Let go of everything, at the very end."""
        close_ring = getattr(self.ring, "close", None)
        if close_ring is not None:
            close_ring()
        self.storage.close()
        self.database.close()


def open_parts(settings: ServiceSettings, *, migrates: bool) -> Parts:
    """Open everything. migrates: bring the database up to date; otherwise wait until somebody has.

    Raises CapacityError when the database does not answer or stays old, an InputError leaf for a bad storage.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    if migrates:
        before, after = migrate(database)
        if before != after:
            logger(__name__).info("migrated", before=before, after=after)
    else:
        _wait_for_tables(database)
    ring = _bell(settings) if settings.broker_url else _silent
    return Parts(settings, database, open_storage(settings.storage_url, settings.environment), ring)


def local_key(parts: Parts) -> Path | None:
    """The file that holds the key of the tenant `local`, which this machine's own commands use; made when missing.

    None where the database is shared: there keys are made by hand, else every API would leave one of its own.
    """
    if not parts.database.is_sqlite:
        return None
    path = parts.settings.data / KEY_FILE
    if not path.is_file() or not any(row.revoked_s is None for row in list_keys(parts.database, LOCAL)):
        key = create_key(parts.database, LOCAL, "this machine's own")
        write_private(path, key.secret + "\n")
    return path


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read."""
    with published(path) as aside:
        os.close(os.open(aside, os.O_CREAT | os.O_WRONLY, 0o600))
        aside.write_text(text, encoding="utf-8")


def _bell(settings: ServiceSettings) -> Callable[[str], None]:
    # Celery is loaded where there is a broker only.
    from integrations.bell.ring import ringer

    return ringer(settings)


def _silent(queue: str) -> None:
    """No bell: the workers of one machine are woken directly, others look by themselves."""


@contextmanager
def listen_for_bell(parts: Parts, queues: Sequence[str], wake: Callable[[], None]) -> Iterator[None]:
    """While the block runs, wake whenever the bell rings for one of the queues; without a broker nothing rings."""
    if parts.settings.broker_url is None:
        yield
        return
    from integrations.bell.listener import Listener

    listener = Listener(parts.settings, queues, lambda queue: wake(), database=parts.database)
    listener.start()
    try:
        yield
    finally:
        listener.stop()


def _wait_for_tables(database: Database) -> None:
    until_s = time.monotonic() + _WAIT_S
    while True:
        try:
            check_current(database)
        except CapacityError:
            if time.monotonic() > until_s:
                raise
            time.sleep(_STEP_S)
        else:
            return
