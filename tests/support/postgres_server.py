"""A real PostgreSQL on a free port of this machine."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis_server import free_port

_START_S = 60.0


@dataclass(frozen=True)
class PostgresServer:
    """Its superuser is `user`, its one database `database`, both given to postgres_server."""

    port: int
    user: str
    password: str
    database: str

    @property
    def url(self) -> str:
        """For CUESMITH_DATABASE_URL."""
        return f"postgresql://{self.user}:{self.password}@127.0.0.1:{self.port}/{self.database}"


def postgres_binaries() -> Path | None:
    """The folder of initdb and postgres, None where PostgreSQL is not installed."""
    places = [Path(found).parent] if (found := shutil.which("initdb")) else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)  # where Debian puts them
    return next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)


@contextmanager
def postgres_server(
    binaries: Path, *, user: str = "cuesmith", password: str = "a-password", database: str = "cuesmith"
) -> Iterator[PostgresServer]:
    """A server in a folder of its own that asks for the password. It does not run as root, so root becomes postgres."""
    as_other: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    # Not below pytest's own folder, which another user cannot walk through.
    folder = Path(tempfile.mkdtemp(prefix="cuesmith-postgres-"))
    try:
        secret = folder / "password"
        secret.write_text(password)
        if as_other:
            entry = pwd.getpwnam("postgres")
            for path in (folder, secret):
                os.chown(path, entry.pw_uid, entry.pw_gid)
        data = folder / "data"
        _run(
            [
                binaries / "initdb",
                "-D",
                data,
                "-U",
                user,
                "--pwfile",
                secret,
                "-A",
                "scram-sha-256",
                "-N",
                "-E",
                "UTF8",
            ],
            folder,
            as_other,
        )
        port = free_port()
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [
                    *(binaries / "postgres", "-D", data, "-p", str(port), "-k", folder),
                    *("-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"),
                ],
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
                **as_other,
            )
        try:
            _make(port, user, password, database, server, folder / "log")
            yield PostgresServer(port, user, password, database)
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make(port: int, user: str, password: str, database: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until it answers, then make the database."""
    import psycopg

    until_s = time.monotonic() + _START_S
    while True:
        try:
            with psycopg.connect(
                host="127.0.0.1", port=port, user=user, password=password, dbname="postgres", autocommit=True
            ) as connection:
                connection.execute(f'create database "{database}"')
            return
        except psycopg.OperationalError:
            if time.monotonic() > until_s or server.poll() is not None:
                raise AssertionError(log.read_text()) from None
            time.sleep(0.1)


def _run(command: list[Any], folder: Path, as_other: dict[str, Any]) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, **as_other)
    assert done.returncode == 0, done.stderr
