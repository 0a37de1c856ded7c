"""`cuesmith watch`: drop a video into a folder, get the scored one in another."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Annotated

import typer

from integrations.cli.extras import need_service
from integrations.cli.installing import InstallService, print_service
from integrations.cli.options import Debug

_SOME_REFUSED = 2


def watch(
    folder: Annotated[Path, typer.Argument(help="The folder that films are dropped into.", metavar="IN")],
    out: Annotated[Path, typer.Option("--out", help="Where results go; not inside IN.")],
    config: Annotated[Path | None, typer.Option(help="Settings. Default: watch.toml in IN, if there is one.")] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            help="Slots of the workers beside it; 0 leaves the work to others. Default: one a processor.", min=0
        ),
    ] = None,
    poll: Annotated[
        float | None, typer.Option(help="Seconds between looks while files are moving. Default: 2.", min=0.1, max=3600)
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Score what lies there, and leave.")] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Take films again that were refused or whose job failed.")
    ] = False,
    install_service: InstallService = None,
    debug: Debug = False,
) -> None:
    """Score every film that is dropped into IN, each once, when it is whole. Settings: docs/watch.md."""
    need_service()
    if install_service is not None:
        print_service(install_service, folder, out, config=config, workers=workers, poll=poll)
        return
    from integrations.host.watch import Watching
    from integrations.host.watch import watch as run
    from integrations.service.logs import log_to_stderr
    from integrations.service.settings import ServiceSettings

    def say(line: str) -> None:
        with contextlib.suppress(OSError):  # whoever read our output has gone; the watch goes on
            typer.echo(line)

    log_to_stderr()
    watching = Watching(
        root=folder,
        out=out,
        config=config,
        slots=workers,
        default_slots=os.cpu_count() or 1,
        poll_s=poll,
        is_once=once,
        tries_refused=retry_failed,
    )
    watched = run(ServiceSettings.from_env(), watching, say)
    say(f"{watched.scored} scored, {watched.refused} refused, {watched.left} left")
    if once and (watched.refused or watched.left):
        raise typer.Exit(_SOME_REFUSED)
