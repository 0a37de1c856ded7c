"""The database: SQLite with a write-ahead log on one machine, PostgreSQL for many."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError

from scoring.errors import CapacityError, DiskFull

_BUSY_MS = 15_000  # how long SQLite waits for another writer
_FULL = ("database or disk is full", "no space left", "disk full")


class Database:
    """Connections of one process. Make it after a fork, never before: connections do not survive one.

    now: seconds since 1970. PostgreSQL's own clock is used where there is one, so that machines agree on leases.
    """

    def __init__(self, url: str, now: Callable[[], float] = time.time) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._now = now
        arguments: dict[str, Any] = {"pool_pre_ping": not self.is_sqlite, "pool_size": 16, "max_overflow": 32}
        if self.is_sqlite:
            if parsed.database:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            arguments["connect_args"] = {"timeout": _BUSY_MS / 1000, "check_same_thread": False}
        self.engine = create_engine(parsed, **arguments)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _tune)
            event.listen(self.engine, "begin", _begin)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to look with; nothing is written. Raises CapacityError when the database does not answer."""
        with _refusing(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, written whole or not at all.

        On SQLite it takes the write lock at once, so that what is read in it stays true until it ends.
        Raises CapacityError when the database does not answer, DiskFull when it cannot grow.
        """
        with _refusing(), self.engine.connect() as connection:
            options = {"cuesmith_writes": True}
            with connection.execution_options(**options).begin():
                yield connection

    def now_s(self, connection: Connection) -> float:
        """The time that all workers agree on."""
        if self.is_sqlite:
            return self._now()
        value: float = connection.execute(text("select extract(epoch from clock_timestamp())::float8")).scalar_one()
        return value

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _tune(connection: Any, record: Any) -> None:
    # SQLAlchemy begins transactions itself (below); the driver's own would begin late and as readers.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("pragma journal_mode=wal")
    cursor.execute("pragma synchronous=full")  # an accepted job survives a power cut
    cursor.execute("pragma foreign_keys=on")
    cursor.execute(f"pragma busy_timeout={_BUSY_MS}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("cuesmith_writes", False)
    connection.exec_driver_sql("begin immediate" if writes else "begin")


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0] if error.orig else "no reason given"
        if any(words in reason.lower() for words in _FULL):
            raise DiskFull(f"the database cannot grow: {reason}", "Free some space where it lies") from error
        raise CapacityError(f"the database does not answer: {reason}", "Try again") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise CapacityError("the database closed the connection", "Try again") from error
        raise
