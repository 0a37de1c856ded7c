"""A real Redis on a free port of this machine, which tests may kill, wipe and fill."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from service_rig import free_port

_START_S = 15.0


class RedisServer:
    """aof: whether it writes down what it holds (append-only file, every second), as docs/service.md advises.

    maxmemory_bytes: with noeviction; None for no limit.
    """

    def __init__(self, folder: Path, *, aof: bool = True, maxmemory_bytes: int | None = None) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder, self._aof, self._maxmemory_bytes = folder, aof, maxmemory_bytes
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, or start again with what it wrote down; returns when it answers."""
        binary = shutil.which("redis-server")
        if binary is None:
            pytest.skip("redis-server is not installed")
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(binary, "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self._folder)),
                    *("--appendonly", "yes" if self._aof else "no", "--appendfsync", "everysec", "--save", ""),
                    *("--maxmemory", str(self._maxmemory_bytes or 0), "--maxmemory-policy", "noeviction"),
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until_s = time.monotonic() + _START_S
        while True:
            try:
                with self.client() as client:
                    client.ping()
                    return
            except redis.RedisError:
                if time.monotonic() > until_s or self._process.poll() is not None:
                    raise
                time.sleep(0.05)

    def client(self) -> redis.Redis:
        """A connection, to look and to meddle."""
        return redis.Redis(port=self.port, socket_timeout=5.0)

    def wipe(self) -> None:
        """Everything it held is gone."""
        with self.client() as client:
            client.flushall()

    def limit(self, maxmemory_bytes: int) -> None:
        """From now on it refuses to hold more; 0 for no limit."""
        with self.client() as client:
            client.config_set("maxmemory", maxmemory_bytes)

    def pause(self) -> None:
        """It takes connections, as the system does for it, and says nothing any more."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """End it as by kill -9."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


@contextmanager
def redis_server(folder: Path, *, aof: bool = True, maxmemory_bytes: int | None = None) -> Iterator[RedisServer]:
    """A running server in a folder of its own. Skips where redis-server is not installed."""
    server = RedisServer(folder, aof=aof, maxmemory_bytes=maxmemory_bytes)
    server.start()
    try:
        yield server
    finally:
        server.kill()
