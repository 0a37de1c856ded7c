"""What the scripts need on this machine, looked over: one line each, with what to do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from integrations.client.wire import Patience, Wire
from integrations.resolve.companion.options import companion_options
from integrations.resolve.installing.installation import look
from integrations.resolve.installing.place import Place
from integrations.resolve.installing.text import OPTIONS
from integrations.resolve.script.options import Options, read_key
from integrations.resolve.script.words import Trouble
from pipeline.doctor import Finding, examine
from pipeline.settings import LOOPBACK_HOSTS, Settings
from scoring.errors import CuesmithError

_HERE = ("packages", "ffmpeg")  # of the doctor's findings: what a service on this machine cannot do without


def check(places: tuple[Place, ...], data: Path, settings: Settings) -> list[Finding]:
    """Scripts, options, key, service. data: the service's folder. settings: of the pipeline on this machine."""
    found = [_scripts(place, data) for place in places]
    put = [place.scripts / OPTIONS for place in places if (place.scripts / OPTIONS).is_file()]
    path = put[0] if put else None
    try:
        options = companion_options(path, data)
        key, key_file = read_key(options)
    except Trouble as trouble:
        return [*found, Finding("options and key", "missing", str(trouble))]
    found += [
        Finding("options", "ok", str(path) if path else "none: every default"),
        Finding("key", "ok", str(key_file)),
        *_service(options, key),
    ]
    if urlsplit(options.server).hostname in LOOPBACK_HOSTS:
        found += [one for one in examine(settings) if one.name in _HERE]
    return [*found, _curl(), _preferences(places)]


def _scripts(place: Place, data: Path) -> Finding:
    scripts = [one for one in look(place.scripts, data) if one.path.name != OPTIONS]
    line = f"{place.scripts}: " + ", ".join(f"{one.path.name} {one.state}" for one in scripts)
    states = {one.state for one in scripts} - {"missing"}
    if states == {"current"}:
        return Finding("scripts", "ok", line)
    return Finding("scripts", "could" if states else "missing", line, "Run `cuesmith resolve install`")


def _service(options: Options, key: str) -> Iterator[Finding]:
    try:
        wire = Wire(options.server, key, Patience(timeout_s=5.0, retries=0))
    except CuesmithError as error:
        yield Finding("service", "missing", error.what, error.advice)
        return
    try:
        ready = wire.read("GET", "/readyz")
        state = str(ready.get("status"))
        reasons = ", ".join(map(str, ready.get("reasons") or ()))
        line = f"{options.server} is {state}" + (f": {reasons}" if reasons else "")
        yield Finding("service", "ok" if state == "ready" else "could", line, "" if state == "ready" else "See its log")
        wire.read("GET", "/v1/jobs", query={"limit": 1})
        yield Finding("key at the service", "ok", "accepted")
    except CuesmithError as error:
        yield Finding("service", "missing", error.what, error.advice or "Start it with `cuesmith serve`")
    finally:
        wire.close()


def _curl() -> Finding:
    found = shutil.which("curl")
    if found:
        return Finding("curl", "ok", found)
    return Finding("curl", "could", "not here: the Lua script of editions before 21.1 needs it", "Install curl")


def _preferences(places: tuple[Place, ...]) -> Finding:
    files = [path for place in places for path in place.preference_files()]
    if files:
        return Finding("preferences", "ok", ", ".join(map(str, files)))
    return Finding(
        "preferences",
        "could",
        "DaVinci Resolve has not kept any here yet",
        "Start it once; only the free edition from 21.1 on needs them",
    )
