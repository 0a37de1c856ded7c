"""A launchd agent of the user's: launchd.plist(5)."""

from __future__ import annotations

import plistlib
import shlex
from pathlib import Path

from integrations.watch_folder.installing.program import Program, xml_holds
from integrations.watch_folder.names import shown
from scoring.errors import InputError

_AGENTS = Path("Library") / "LaunchAgents"
_LOGS = Path("Library") / "Logs"


def printed(program: Program) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    """The plist, where it belongs, the commands that start it, and notes. Raises InputError for a path that is no
    text: a plist holds nothing else.
    """
    for part in program.command:
        if not xml_holds(part):
            raise InputError(f"a plist cannot hold {shown(part)}", "Rename the folder, or write the service by hand")
    log = Path.home() / _LOGS / f"{program.name}.log"
    plist = {
        "Label": program.name,
        "ProgramArguments": list(program.command),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 30,
        "ExitTimeOut": round(program.stop_s),
        "Nice": 10,
        "StandardOutPath": str(log),
        "StandardErrorPath": str(log),
    }
    text = plistlib.dumps(plist, sort_keys=False).decode("utf-8")
    path = f"~/{_AGENTS.as_posix()}/{program.name}.plist"
    commands = (f"launchctl bootstrap gui/$(id -u) {path}", f"launchctl kickstart gui/$(id -u)/{program.name}")
    notes = (
        "it starts when you log in",
        "settings (docs/service.md) go into the plist, a dictionary EnvironmentVariables",
        f"its log is {shlex.quote(str(log))}; macOS asks once whether it may read the watch folder",
    )
    return text, path, commands, notes
