"""`cuesmith health api` and `health worker`: what a container's health check asks. One line, exit code 0 or 1."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from integrations.cli.options import Debug
from integrations.cli.text import one_line

app = typer.Typer(
    help="Say whether a running part of the service is well.", no_args_is_help=True, rich_markup_mode=None
)

SIGN_OF_LIFE = "worker.alive"  # in CUESMITH_DATA; the worker writes it anew at each of its heartbeats
OLDEST_SIGN_S = 30.0  # six heartbeats of 5 s; after a lease's 20 s others have taken over already
LONGEST_S = 3.0  # for the API's answer, connecting included
_SICK = 1
_READ_BYTES = 4096


@app.callback()
def health() -> None:
    """Say whether a running part of the service is well: exit code 0 if so, 1 if not."""


@app.command("api")
def api(
    url: Annotated[
        str, typer.Option("--url", help="What to ask; /healthz says alive, /readyz also whether it can serve.")
    ] = "http://127.0.0.1:8080/readyz",
    debug: Debug = False,
) -> None:
    """Ask the API whether it is ready. It is while its queue is degraded: jobs are taken and kept."""
    _answer(*ask(url))


@app.command("worker")
def worker(debug: Debug = False) -> None:
    """Look at the sign of life that a worker leaves in CUESMITH_DATA."""
    from integrations.service.settings import ServiceSettings
    from scoring.errors import CuesmithError

    try:
        settings = ServiceSettings.from_env()
    except CuesmithError as error:
        _answer(False, str(error))
    else:
        _answer(*look(settings.data / SIGN_OF_LIFE, time.time()))


def ask(url: str) -> tuple[bool, str]:
    """Whether a URL answers 200 within LONGEST_S, and a line about it. No proxy is used, no redirect followed."""
    import http.client
    from urllib.parse import urlsplit

    # Asked every few seconds for as long as the service lives: httpx would cost more to import than all of the rest.
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    try:
        parts = urlsplit(url)
        if parts.scheme not in kinds or not parts.hostname:
            return False, f"{url} is no address of the web: give http://HOST:PORT/readyz"
        # One half for connecting, one for the answer: the time limit counts for each by itself.
        line = kinds[parts.scheme](parts.hostname, parts.port, timeout=LONGEST_S / 2)
        with contextlib.closing(line):
            line.request("GET", parts.path or "/")
            answer = line.getresponse()
            text = answer.read(_READ_BYTES).decode("utf-8", "replace")
            return answer.status == http.client.OK, f"{url} answers {answer.status} {_state(text)}".rstrip()
    except (OSError, ValueError, http.client.HTTPException) as error:
        return False, f"{url} does not answer: {str(error) or type(error).__name__}"


def look(path: Path, now_s: float) -> tuple[bool, str]:
    """Whether a worker's sign of life is fresh, and a line about it. now_s: seconds since 1970."""
    try:
        age_s = now_s - path.stat().st_mtime
        sign = json.loads(path.read_text(encoding="utf-8"))
        who = f"worker {sign['pid']} of {', '.join(sign['queues'])}"
    except FileNotFoundError:
        return False, f"no worker has left a sign of life: {path} is not there"
    except (OSError, ValueError, KeyError, TypeError) as error:
        return False, f"{path} is no sign of life: {type(error).__name__}: {error}"
    # A sign of the future was left before the clock was set back; a worker that lives leaves another within seconds.
    return abs(age_s) <= OLDEST_SIGN_S, f"{who} gave its last sign {age_s:.0f} s ago, {OLDEST_SIGN_S:g} s are allowed"


def _state(text: str) -> str:
    """The "status" of a JSON answer, for the log of whoever runs the check."""
    try:
        answer: Any = json.loads(text)
    except ValueError:
        return ""
    return str(answer.get("status", "")) if isinstance(answer, dict) else ""


def _answer(is_well: bool, line: str) -> None:
    typer.echo(one_line(line), err=not is_well)
    if not is_well:
        raise typer.Exit(_SICK)
