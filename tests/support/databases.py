"""Databases for tests: a SQLite file, and a real PostgreSQL where its programs are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from service_rig import free_port
from sqlalchemy import create_engine, text

from integrations.jobs.database import Database
from integrations.jobs.migrating import migrate


def postgres_programs() -> Path | None:
    """The folder with initdb and postgres; Debian keeps it off the PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return folders[-1] if folders else None


@contextmanager
def postgres_server() -> Iterator[str]:
    """A PostgreSQL of our own on a free port; its address without a database's name. Skips where there is none."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    user: dict[str, object] = {}
    # Not in pytest's own folder, which nobody but its owner may enter.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    if os.geteuid() == 0:  # it refuses to run as root
        user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        shutil.chown(folder, "nobody", "nogroup")
    data, port = folder / "data", free_port()
    common = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "cwd": "/"}
    made = subprocess.run(
        [programs / "initdb", "-D", data, "-U", "cuesmith", "-A", "trust", "--no-sync"],
        check=False,
        **common,  # type: ignore[call-overload]
        **user,
    )
    if made.returncode:
        pytest.skip(f"initdb refused: {made.stderr.decode()[-300:]}")
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, "-p", str(port), "-k", folder, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"],
        **common,  # type: ignore[call-overload]
        **user,
    )
    address = f"postgresql+psycopg://cuesmith@127.0.0.1:{port}"
    try:
        engine = create_engine(f"{address}/postgres")
        end_s = time.monotonic() + 30
        while True:
            try:
                engine.connect().close()
                break
            except Exception:
                assert time.monotonic() < end_s, "PostgreSQL did not start"
                assert server.poll() is None, "PostgreSQL ended"
                time.sleep(0.1)
        engine.dispose()
        yield address
    finally:
        server.terminate()
        server.wait(20)
        if server.stderr is not None:
            server.stderr.close()
        shutil.rmtree(folder)


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
