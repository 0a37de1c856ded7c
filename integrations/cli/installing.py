"""`cuesmith watch … --install-service`: the text on stdout, to be sent into a file, the advice on stderr."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from integrations.cli.text import one_line

InstallService = Annotated[
    str | None,
    typer.Option(
        "--install-service",
        help="Print what starts this watch at login, and leave: auto, systemd, launchd or windows.",
        metavar="KIND",
    ),
]


def print_service(
    kind: str, folder: Path, out: Path, *, config: Path | None, workers: int | None, poll: float | None
) -> None:
    """Print it. Nothing is installed. Raises UnknownChoice, ConfigError where the watch would not start, InputError."""
    from integrations.service.settings import ServiceSettings
    from integrations.watch_folder.config import read_config
    from integrations.watch_folder.installing.service import service_text

    root = folder.absolute()
    read_config(config, root)
    arguments = ["watch", str(root), "--out", str(out.absolute())]
    said = {"--config": None if config is None else config.absolute(), "--workers": workers, "--poll": poll}
    for name, value in said.items():
        if value is not None:
            arguments += [name, str(value)]
    printed = service_text(kind, root, arguments, ServiceSettings.from_env().patience.grace_s)
    typer.echo(printed.text, nl=False)
    typer.echo(one_line(f"put this into {printed.path}, then:"), err=True)
    for command in printed.commands:
        typer.echo(f"  {command}", err=True)
    for note in printed.notes:
        typer.echo(one_line(f"- {note}"), err=True)
