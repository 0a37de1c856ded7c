"""A real RabbitMQ on free ports of this machine, in a folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from service_rig import free_port

_START_S = 60.0


class RabbitServer:
    """Owned by whoever runs the tests: Debian's wrapper, which becomes the user rabbitmq, is gone round."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}//"
        self._folder = folder
        self._epmd_port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start; returns when it takes connections. Skips where it is not installed or does not start in a minute."""
        binary = _binary()
        if binary is None:
            pytest.skip("rabbitmq-server is not installed")
        self._folder.mkdir(parents=True, exist_ok=True)
        self._epmd_port = free_port()
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),  # .erlang.cookie lies there
            "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": f"cuesmith{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(self._folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self._folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(self._folder / "rabbitmq"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "enabled_plugins"),
            "RABBITMQ_PID_FILE": str(self._folder / "pid"),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }
        with (self._folder / "out.log").open("ab") as log:
            self._process = subprocess.Popen(
                [binary], env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        until_s = time.monotonic() + _START_S
        while time.monotonic() < until_s and self._process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1.0) as probe:
                    probe.sendall(b"AMQP\x00\x00\x09\x01")
                    if probe.recv(1):
                        return
            except OSError:
                time.sleep(0.2)
        self.kill()
        pytest.skip(f"RabbitMQ did not start: {(self._folder / 'out.log').read_text(errors='replace')[-500:]}")

    def kill(self) -> None:
        """End it as by kill -9, with the helpers of Erlang that it started."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            # Erlang's name server has left for a session of its own; it does not go before it has missed the node.
            for _ in range(50):
                asked = ["epmd", "-port", str(self._epmd_port), "-kill"]
                if b"Killed" in subprocess.run(asked, capture_output=True, check=False).stdout:
                    break
                time.sleep(0.1)


@contextmanager
def rabbit_server(folder: Path) -> Iterator[RabbitServer]:
    """A running server. Skips with a reason where there can be none."""
    server = RabbitServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _binary() -> str | None:
    own = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    return str(own) if own.exists() else shutil.which("rabbitmq-server")
