"""Databases for tests: a SQLite file, and a real PostgreSQL where its programs are installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from postgres_server import postgres_binaries, postgres_server
from sqlalchemy import create_engine, text

from integrations.jobs.database import Database
from integrations.jobs.migrating import migrate


@contextmanager
def postgres_address() -> Iterator[str]:
    """A PostgreSQL of our own; its address without a database's name. Skips where it is not installed."""
    binaries = postgres_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    with postgres_server(binaries) as server:
        yield f"postgresql+psycopg://{server.user}:{server.password}@127.0.0.1:{server.port}"


@contextmanager
def postgres_database(address: str) -> Iterator[str]:
    """A new, empty database on a server; its whole address."""
    name = f"t{uuid4().hex}"
    engine = create_engine(f"{address}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
    engine.dispose()
    yield f"{address}/{name}"


def opened(url: str) -> Database:
    """A database with every table."""
    database = Database(url)
    migrate(database)
    return database
