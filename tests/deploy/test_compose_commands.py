"""Each service's own command and health check, taken from docker-compose.yml, run as real processes on this machine.

Only where things are is rewritten: the names of other services become loopback ports, /var/lib/cuesmith a folder.
Redis is started by the file's own command; PostgreSQL, whose command is its image's, is this machine's own where it is
installed, else the database is SQLite. The object store's image is not here: another real S3 server stands in for it.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from deploy_files import compose, with_variables
from moto.server import ThreadedMotoServer
from postgres_server import postgres_binaries, postgres_server
from service_rig import COMMAND, Process, free_port, until

SERVICES = compose()["services"]
LASTING = ("api", "media", "compose", "fetch", "gpu")
SECRETS = {
    "POSTGRES_PASSWORD": "0123456789abcdef",
    "REDIS_PASSWORD": "fedcba9876543210",
    "OBJECTS_KEY_ID": "a-key-id",
    "OBJECTS_SECRET": "a-secret",
}
START_S = 90.0  # the file allows 30 s and then some tries; a test machine is shared
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Stack:
    """What stands in for the inner network. places: what is written in the file → what it is here."""

    root: Path
    places: dict[str, str]
    started: list[Process] = field(default_factory=list)

    def here(self, value: str, data: Path | None = None) -> str:
        """A text of the file with its places put here. data: what /var/lib/cuesmith is for this container."""
        places = {**self.places, **({"/var/lib/cuesmith": str(data)} if data else {})}
        # In one pass: what was put in is not looked at again.
        return re.sub("|".join(map(re.escape, places)), lambda found: places[found[0]], value)

    def environment(self, name: str, data: Path) -> dict[str, str]:
        """What the container would see: the file's variables, and of ours only what finds programs."""
        filled = with_variables(SERVICES[name].get("environment", {}), SECRETS)
        given = {variable: self.here(str(value), data) for variable, value in filled.items()}
        return {"PATH": os.environ["PATH"], "HOME": str(data), "PYTHONPATH": str(ROOT), **given}

    def words(self, words: list[str], data: Path) -> list[str]:
        """A command of the file as it is started here."""
        filled = [self.here(str(word), data) for word in with_variables(words, SECRETS)]
        return [*COMMAND, *filled[1:]] if filled[0] == "cuesmith" else filled

    def folder(self, name: str) -> Path:
        """A new, empty /var/lib/cuesmith for a service."""
        data = self.root / f"{name}-{len(self.started)}"
        data.mkdir()
        return data

    def start(self, name: str, data: Path) -> Process:
        """A service's own command."""
        log = data / "log.txt"
        with log.open("wb") as file:
            popen = subprocess.Popen(
                self.words(SERVICES[name]["command"], data),
                env=self.environment(name, data),
                cwd=data,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        process = Process(popen, log)
        self.started.append(process)
        return process

    def check(self, name: str, data: Path) -> subprocess.CompletedProcess[str]:
        """A service's own health check, once."""
        kind, *words = SERVICES[name]["healthcheck"]["test"]
        command = ["sh", "-c", *words] if kind == "CMD-SHELL" else words
        return subprocess.run(
            self.words(command, data),
            env=self.environment(name, data),
            cwd=data,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def well(self, name: str, process: Process, data: Path) -> None:
        """Wait until a service's health check says 0."""

        def is_well() -> bool:
            assert process.popen.poll() is None, process.log.read_text()
            return self.check(name, data).returncode == 0

        until(is_well, START_S, f"the health of {name} ({process.log})")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Redis, a database, an S3 server with the bucket, and the tables: what the file's services depend on."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    root = tmp_path_factory.mktemp("stack")
    redis_port, api_port = free_port(), free_port()
    with ExitStack() as closing:
        objects = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        objects.start()
        closing.callback(objects.stop)
        host, port = objects.get_host_and_port()
        httpx.put(f"http://{host}:{port}/cuesmith", trust_env=False).raise_for_status()
        places = {
            "@redis:6379": f"@127.0.0.1:{redis_port}",
            "--dir /data": f"--bind 127.0.0.1 --port {redis_port} --dir .",
            "redis-cli ping": f"redis-cli -p {redis_port} ping",
            "http://objects:8333": f"http://{host}:{port}",
            "0.0.0.0": "127.0.0.1",
            "8080": str(api_port),
        }
        binaries = postgres_binaries()
        if binaries is not None:
            served = postgres_server(binaries, password=SECRETS["POSTGRES_PASSWORD"])
            places["@postgres:5432"] = f"@127.0.0.1:{closing.enter_context(served).port}"
        else:
            address = f"postgresql://cuesmith:{SECRETS['POSTGRES_PASSWORD']}@postgres:5432/cuesmith"
            places[address] = f"sqlite:///{root}/cuesmith.db"
        made = Stack(root, places)
        closing.callback(lambda: [process.kill_tree() for process in made.started])
        data = made.folder("redis")
        made.well("redis", made.start("redis", data), data)
        process = made.start("migrate", made.folder("migrate"))
        assert process.popen.wait(START_S) == 0, process.log.read_text()
        yield made


def test_the_tables_are_made_once_and_a_second_run_finds_nothing_to_do(stack: Stack) -> None:
    process = stack.start("migrate", stack.folder("migrate"))
    assert process.popen.wait(START_S) == 0, process.log.read_text()
    assert "nothing to do" in process.log.read_text()


@pytest.mark.parametrize("name", LASTING)
def test_a_service_starts_is_well_and_stops_within_its_grace(name: str, stack: Stack) -> None:
    data = stack.folder(name)
    assert stack.check(name, data).returncode == 1, "before it is there it is not well"
    process = stack.start(name, data)
    stack.well(name, process, data)
    grace_s = float(SERVICES[name]["stop_grace_period"].removesuffix("s"))
    assert process.terminate(signal.SIGTERM, patience_s=grace_s) == 0, process.log.read_text()
    assert stack.check(name, data).returncode == 1, "once it has stopped it is not well"


def test_the_api_stays_well_while_redis_is_away(stack: Stack) -> None:
    data = stack.folder("api")
    process = stack.start("api", data)
    stack.well("api", process, data)
    redis = stack.started[0]
    redis.popen.send_signal(signal.SIGSTOP)
    try:
        done = stack.check("api", data)
        assert done.returncode == 0, done.stdout + done.stderr
    finally:
        redis.popen.send_signal(signal.SIGCONT)
    process.terminate()


def test_redis_lets_nobody_in_without_the_password_and_says_no_when_it_is_full(stack: Stack) -> None:
    (port,) = [here.split(":")[-1] for there, here in stack.places.items() if there == "@redis:6379"]

    def asked(*words: str, **more: str) -> str:
        command = ["redis-cli", "-p", port, *words]
        environment = {"PATH": os.environ["PATH"], **more}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout

    assert "NOAUTH" in asked("ping")
    known: dict[str, Any] = {"REDISCLI_AUTH": SECRETS["REDIS_PASSWORD"]}
    for option, value in (("maxmemory-policy", "noeviction"), ("appendonly", "yes"), ("appendfsync", "everysec")):
        assert value in asked("config", "get", option, **known)
    assert str(512 * 2**20) in asked("config", "get", "maxmemory", **known)


def test_postgres_is_well_by_the_files_check(stack: Stack) -> None:
    place = stack.places.get("@postgres:5432")
    if place is None or shutil.which("pg_isready") is None:
        pytest.skip("PostgreSQL is not installed")
    words = SERVICES["postgres"]["healthcheck"]["test"][1:]
    there = {"PATH": os.environ["PATH"], "PGHOST": "127.0.0.1", "PGPORT": place.split(":")[-1]}
    assert subprocess.run(words, env=there, capture_output=True, check=False).returncode == 0
    gone = {**there, "PGPORT": str(free_port())}
    assert subprocess.run(words, env=gone, capture_output=True, check=False).returncode != 0


def test_the_weights_that_the_setup_fetches_are_of_the_catalogue() -> None:
    from pipeline.models.catalogue import model_named

    command = SERVICES["models"]["command"]
    assert command[:3] == ["cuesmith", "models", "download"]
    assert model_named(command[3]).name == command[3]


def test_every_service_of_ours_was_started_here() -> None:
    ours = {name for name, service in SERVICES.items() if service["image"].startswith("cuesmith")}
    assert ours == {*LASTING, "migrate", "models"}
    assert sys.executable == COMMAND[0]
