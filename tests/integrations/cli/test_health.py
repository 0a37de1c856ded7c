"""`cuesmith health`, asked as a container's health check asks it."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from typer.testing import CliRunner

from integrations.cli.health import LONGEST_S, OLDEST_SIGN_S, SIGN_OF_LIFE, app, look


class Answers(BaseHTTPRequestHandler):
    """Answers as its path says."""

    silent: ClassVar[threading.Event]

    def do_GET(self) -> None:
        if self.path == "/silent":
            self.silent.wait(60)
            return
        status = {"/readyz": 200, "/degraded": 200, "/busy": 503, "/moved": 302}[self.path]
        body = json.dumps({"status": self.path.strip("/")}).encode()
        self.send_response(status)
        self.send_header("Location", "/readyz")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Answers.silent = threading.Event()
    running = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    running.daemon_threads = True
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    Answers.silent.set()
    running.shutdown()
    thread.join()
    running.server_close()


def asked(url: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["api", "--url", url])
    assert done.output.count("\n") == 1
    return done.exit_code, done.output


def test_an_api_that_answers_is_well(server: str) -> None:
    assert asked(f"{server}/readyz") == (0, f"{server}/readyz answers 200 readyz\n")


def test_an_api_whose_queue_is_degraded_is_well(server: str) -> None:
    assert asked(f"{server}/degraded")[0] == 0


def test_an_api_that_is_not_ready_is_not(server: str) -> None:
    assert asked(f"{server}/busy") == (1, f"{server}/busy answers 503 busy\n")


def test_a_redirect_is_not_followed(server: str) -> None:
    assert asked(f"{server}/moved")[0] == 1


def test_an_api_that_says_nothing_is_given_up(server: str) -> None:
    began_s = time.monotonic()
    code, text = asked(f"{server}/silent")
    assert code == 1
    assert "does not answer" in text
    assert time.monotonic() - began_s < LONGEST_S + 5.0


def test_proxies_of_the_environment_are_not_asked(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert asked(f"{server}/readyz")[0] == 0


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/readyz", "nonsense", "http://[/", "ftp://127.0.0.1/"])
def test_an_address_where_nobody_is_gives_one_line(url: str) -> None:
    assert asked(url)[0] == 1


def sign(folder: Path, age_s: float = 0.0, text: str | None = None) -> Path:
    path = folder / SIGN_OF_LIFE
    beat_s = time.time() - age_s
    path.write_text(text or json.dumps({"pid": 42, "queues": ["media", "fetch"], "beat_unix_s": beat_s}))
    os.utime(path, (beat_s, beat_s))
    return path


def looked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    monkeypatch.setenv("CUESMITH_DATA", str(folder))
    done = CliRunner().invoke(app, ["worker"])
    assert done.output.count("\n") == 1
    return done.exit_code, done.output


def test_a_worker_that_beats_is_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign(tmp_path)
    code, text = looked(tmp_path, monkeypatch)
    assert code == 0
    assert "worker 42 of media, fetch" in text


def test_a_worker_that_has_stopped_beating_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sign(tmp_path, age_s=OLDEST_SIGN_S + 60)
    assert looked(tmp_path, monkeypatch)[0] == 1


def test_a_worker_that_never_beat_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert looked(tmp_path, monkeypatch)[0] == 1


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"pid": 1, "queues": 3}'], ids=lambda text: text or "empty")
def test_a_torn_sign_of_life_is_none(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sign(tmp_path, text=text or " ")
    assert path.exists()
    assert looked(tmp_path, monkeypatch)[0] == 1


def test_the_age_allowed_is_exact(tmp_path: Path) -> None:
    path = sign(tmp_path)
    beat_s = path.stat().st_mtime
    assert look(path, beat_s + OLDEST_SIGN_S)[0]
    assert not look(path, beat_s + OLDEST_SIGN_S + 0.5)[0]
    assert not look(path, beat_s - OLDEST_SIGN_S - 0.5)[0]


def test_a_setting_that_cannot_be_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUESMITH_DATABASE_URL", "gopher://there")
    code, text = looked(tmp_path, monkeypatch)
    assert code == 1
    assert "CUESMITH_DATABASE_URL" in text
