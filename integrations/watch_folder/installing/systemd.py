"""A systemd user unit: systemd.unit(5), systemd.service(5), and the quoting of systemd.syntax(7)."""

from __future__ import annotations

import os

from integrations.watch_folder.installing.program import Program

_FOLDER = "~/.config/systemd/user"
_SETTINGS = "cuesmith/service.env"
_NOT_IN_PROGRAMS = set("\"'\\")  # systemd starts nothing with these in its path; a shell does

# mixed: only the watch itself is told to stop, so that its workers end what they can; what is left is then killed.
# A watch folder that is not mounted yet ends the watch with an error, so it is started again for as long as it takes.
_UNIT = """\
[Unit]
Description={description}
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart={command}
EnvironmentFile=-%E/{settings}
Restart=on-failure
RestartSec=30
KillMode=mixed
KillSignal=SIGTERM
TimeoutStopSec={stop_s:.0f}
Nice=10

[Install]
WantedBy=default.target
"""


def printed(program: Program) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    """The unit, where it belongs, the commands that start it, and notes."""
    first, *rest = program.command
    if set(first) & _NOT_IN_PROGRAMS or not first.isprintable():
        first, rest = "/bin/sh", ["-c", 'exec "$0" "$@"', *program.command]
    command = " ".join([_quoted(first), *(_quoted(part).replace("$", "$$") for part in rest)])
    description = program.description.replace("\\", "\\\\").replace("%", "%%")
    text = _UNIT.format(description=description, command=command, settings=_SETTINGS, stop_s=program.stop_s)
    unit = f"{program.name}.service"
    notes = (
        "it starts when you log in; `loginctl enable-linger` starts it with the machine",
        f"settings (docs/service.md) go into ~/.config/{_SETTINGS}, NAME=value, one a line",
        f"`journalctl --user -u {unit}` shows its log",
    )
    return text, f"{_FOLDER}/{unit}", ("systemctl --user daemon-reload", f"systemctl --user enable --now {unit}"), notes


def _quoted(text: str) -> str:
    """A word of a command line. % begins a specifier inside quotes too. A $ is one only after the program's own path,
    which is not looked through for variables, so the caller doubles it.
    """
    return f'"{"".join(_byte(byte) for byte in os.fsencode(text))}"'


def _byte(byte: int) -> str:
    if byte == ord("%"):
        return "%%"
    if byte in b'"\\':
        return f"\\{chr(byte)}"
    return chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}"
