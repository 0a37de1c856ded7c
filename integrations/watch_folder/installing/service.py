"""`--install-service`: the text for this machine's way of starting programs, where to put it, how to start it."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from integrations.watch_folder.installing import launchd, systemd, windows_task
from integrations.watch_folder.installing.program import Program
from integrations.watch_folder.names import shown
from pipeline.settings import environment
from scoring.errors import UnknownChoice

AUTO = "auto"
_MARGIN_S = 30.0  # above the grace that a worker has when it is told to stop, before it is ended by force
_SLUG_CHARACTERS = 24


@dataclass(frozen=True, slots=True)
class Printed:
    """text: the file's contents. path: where it belongs, as a person types it. commands: what starts the service, in
    order. notes: what else to know, one line each.
    """

    kind: str
    text: str
    path: str
    commands: tuple[str, ...]
    notes: tuple[str, ...]


_KINDS: Mapping[str, Callable[[Program], tuple[str, str, tuple[str, ...], tuple[str, ...]]]] = {
    "systemd": systemd.printed,
    "launchd": launchd.printed,
    "windows": windows_task.printed,
}
KINDS = (AUTO, *_KINDS)


def service_text(kind: str, root: Path, arguments: Sequence[str], grace_s: float) -> Printed:
    """What makes a watch start when its user logs in.

    kind: of KINDS, auto for this system's. root: the watch folder. arguments: of the command `cuesmith`, beginning with
    "watch", every path in them absolute. grace_s: what its workers may finish when told to stop. Raises UnknownChoice,
    and InputError for a path that such a file cannot hold.
    """
    if kind not in KINDS:
        raise UnknownChoice.among("kind of service", kind, list(KINDS))
    kind = _kind_here() if kind == AUTO else kind
    program = Program(_name(root), f"Cuesmith watches {shown(root)}", (*_command(), *arguments), grace_s + _MARGIN_S)
    text, path, commands, notes = _KINDS[kind](program)
    return Printed(kind, text, path, commands, (*notes, *_unset()))


def _kind_here() -> str:
    return {"win32": "windows", "darwin": "launchd"}.get(sys.platform, "systemd")


def _name(root: Path) -> str:
    """The same for the same folder, another for each other one."""
    slug = re.sub(r"[^a-z0-9]+", "-", root.name.lower()).strip("-")[:_SLUG_CHARACTERS].strip("-")
    digits = hashlib.sha256(os.fsencode(root)).hexdigest()[:6]
    return "-".join(part for part in ("cuesmith-watch", slug, digits) if part)


def _command() -> tuple[str, ...]:
    """This installation's own command, whatever PATH a service has."""
    script = Path(sys.executable).with_name("cuesmith.exe" if sys.platform == "win32" else "cuesmith")
    if script.is_file():
        return (str(script),)
    return (sys.executable, "-c", "from integrations.cli.main import main; main()")


def _unset() -> tuple[str, ...]:
    """Settings of this shell that a service would not see; their values may be secret and are not printed."""
    names = sorted(name for name in environment() if name.startswith("CUESMITH_"))
    return (f"this shell sets {', '.join(names)}: the service needs them too",) if names else ()
