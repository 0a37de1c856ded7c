"""`cuesmith serve`, `cuesmith worker`, `cuesmith migrate`."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from typing import Annotated

import typer

from integrations.cli.extras import need_service
from integrations.cli.options import Debug

_QUEUES = "fetch,media,compose,gpu"
Slots = Annotated[int | None, typer.Option(help="How many units are done at once. Default: one for each processor.")]


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on. 0.0.0.0 for every one.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)] = 8080,
    workers: Annotated[int | None, typer.Option(help="Slots beside the API; 0 for none.", min=0)] = None,
    resolve: Annotated[
        bool, typer.Option("--resolve", help="Also help the script of DaVinci Resolve's free edition from 21.1 on.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Serve the API, with workers beside it: the whole service in one command. Settings: docs/service.md."""
    need_service()
    from integrations.host.serve import serve as run
    from integrations.service.logs import log_to_stderr
    from integrations.service.settings import ServiceSettings

    log_to_stderr()
    with _companion() if resolve else nullcontext():
        run(ServiceSettings.from_env(), host, port, _slots(workers))


def worker(
    queues: Annotated[str, typer.Option(help=f"Which kinds of work, of {_QUEUES}.")] = _QUEUES,
    slots: Slots = None,
    debug: Debug = False,
) -> None:
    """Work on the jobs of a service: the same database, storage and broker as its API. Settings: docs/service.md."""
    need_service()
    from integrations.host.work import work
    from integrations.service.logs import log_to_stderr
    from integrations.service.settings import QUEUES, ServiceSettings
    from scoring.errors import UnknownChoice

    wanted = tuple(dict.fromkeys(name.strip() for name in queues.split(",") if name.strip()))
    for name in wanted or ("",):
        if name not in QUEUES:
            raise UnknownChoice.among("queue", name, list(QUEUES))
    log_to_stderr()
    work(ServiceSettings.from_env(), wanted, max(1, _slots(slots)))


def migrate(debug: Debug = False) -> None:
    """Bring the service's database to the tables of this version."""
    need_service()
    from integrations.jobs.database import Database
    from integrations.jobs.migrating import migrate as run
    from integrations.service.settings import ServiceSettings

    database = Database(ServiceSettings.from_env().database_url)
    before, after = run(database)
    database.close()
    typer.echo(f"nothing to do, revision {after}" if before == after else f"revision {before or 'none'} → {after}")


def _companion() -> AbstractContextManager[None]:
    from integrations.cli.resolve import places_for
    from integrations.resolve.companion.opening import attending, open_companion
    from integrations.service.logs import logger
    from integrations.service.settings import ServiceSettings

    def say(line: str) -> None:
        logger(__name__).info("resolve", said=line)

    return attending(open_companion(places_for("you"), ServiceSettings.from_env().data, say))


def _slots(asked: int | None) -> int:
    return asked if asked is not None else os.cpu_count() or 1
