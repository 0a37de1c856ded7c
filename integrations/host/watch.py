"""`cuesmith watch`: the watch of one folder with workers beside it, on the service's own database and storage."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from integrations.host.parts import Parts, listen_for_bell, open_parts
from integrations.jobs.reception import Reception
from integrations.jobs.tenants import LOCAL, ensure_tenant, tenant_of
from integrations.service.logs import logger
from integrations.service.settings import QUEUES, ServiceSettings
from integrations.watch_folder.config import read_config
from integrations.watch_folder.hints import hints
from integrations.watch_folder.ledger import Ledger
from integrations.watch_folder.places import check_own_folders, open_places, watched_folder
from integrations.watch_folder.taking import Desk
from integrations.watch_folder.telling import Teller
from integrations.watch_folder.watcher import Watcher
from integrations.work.worker import Worker
from pipeline.models.holding import lock_file
from pipeline.publish import refusing
from scoring.errors import Conflict, CuesmithError

_STOPS = ("SIGTERM", "SIGINT", "SIGQUIT")
_STEP_S = 0.5  # the longest time in which a signal is not noticed
_LEAST_S = 0.05  # between two rounds
_AWAY_S = 2.0  # before the database is asked again
_OTHERS = 4  # slots that are reckoned with where other processes do the work


@dataclass(frozen=True, slots=True)
class Watching:
    """root, out: the watched folder and where results go. config: the settings file, None for the usual place.

    slots: of the workers beside the watch, 0 for none, None for what the settings say, else default_slots. poll_s: in
    place of the settings'. is_once: end when all that lies there is done. tries_refused: take refused films again.
    """

    root: Path
    out: Path
    config: Path | None = None
    slots: int | None = None
    default_slots: int = 1
    poll_s: float | None = None
    is_once: bool = False
    tries_refused: bool = False


@dataclass(frozen=True, slots=True)
class Watched:
    """How many films were scored and refused, and how many were left without a decision."""

    scored: int
    refused: int
    left: int


def watch(settings: ServiceSettings, watching: Watching, say: Callable[[str], None]) -> Watched:
    """Watch until told to stop by SIGTERM, SIGINT or SIGQUIT; then drain and return. say: hears a line for each film.

    Raises as open_parts does, VideoMissing, OutputRefused, ConfigError, Conflict when another process watches.
    """
    told = _signals()
    root = watched_folder(watching.root)
    teller = Teller(say)
    config = read_config(watching.config, root, lambda text: teller.trouble("settings", text))
    places = open_places(root, watching.out, [settings.data, settings.work])
    check_own_folders(config, places)
    slots = next(n for n in (watching.slots, config.workers, watching.default_slots) if n is not None)
    parts = open_parts(settings, migrates=settings.database_url.startswith("sqlite"))
    try:
        ensure_tenant(parts.database, LOCAL)
        with parts.database.reading() as connection:
            tenant = tenant_of(connection, LOCAL, settings.quota)
        ledger = Ledger(parts.database, tenant, root)
        desk = Desk(
            database=parts.database,
            storage=parts.storage,
            settings=settings,
            tenant=tenant,
            reception=Reception(parts.database, parts.storage, settings),
            ledger=ledger,
            places=places,
            is_wanted=lambda: not told,
        )
        with _alone(settings.data / "watches", ledger.watch, root), _workers(parts, slots) as ring:
            if watching.tries_refused:
                ledger.forget_refused()
            watcher = Watcher(
                desk, config, teller, most_open=2 * (slots or _OTHERS) + 2, poll_s=watching.poll_s, ring=ring
            )
            logger(__name__).info("watching", root=str(root), out=str(places.out), slots=slots)
            _run(watcher, watching, teller, told)
            return Watched(teller.counts["scored"], teller.counts["refused"], len(watcher.left()))
    finally:
        parts.close()


def _run(watcher: Watcher, watching: Watching, teller: Teller, told: list[int]) -> None:
    started = False
    with hints(watcher.root, watcher.ring) as coming:
        try:
            while not told:
                try:
                    if not started:
                        watcher.start()
                        started = True
                    watcher.are_hints = coming.are_coming()
                    pause_s = watcher.round()
                except CuesmithError as error:  # the database is away, or full: nothing is lost by waiting
                    teller.trouble("database", str(error))
                    time.sleep(_AWAY_S)
                    continue
                teller.over("database")
                if watching.is_once and watcher.is_idle():
                    return
                _wait(watcher, pause_s, told)
            logger(__name__).info("told to stop", signal=signal.Signals(told[0]).name)
        finally:
            watcher.stop()


def _wait(watcher: Watcher, pause_s: float, told: list[int]) -> None:
    until_s = time.monotonic() + pause_s
    time.sleep(min(pause_s, _LEAST_S))  # hints may come by the thousand
    while not told and (left_s := until_s - time.monotonic()) > 0:
        if watcher.wake.wait(min(left_s, _STEP_S)):
            watcher.wake.clear()
            return


def _signals() -> list[int]:
    # As in integrations.host.work: a list, since an event's own lock may be held when the handler runs.
    told: list[int] = []

    def heard(number: int, _frame: object) -> None:
        told.append(number)

    for name in _STOPS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), heard)
    return told


@contextmanager
def _workers(parts: Parts, slots: int) -> Iterator[Callable[[str], None]]:
    """Workers while the block runs; gives what says that there is work for one of the queues."""
    if not slots:
        yield parts.ring
        return
    worker = Worker(parts.settings, parts.database, parts.storage, QUEUES, slots, parts.ring)

    def ring(queue: str) -> None:
        worker.wake()
        parts.ring(queue)

    worker.start()
    try:
        with listen_for_bell(parts, QUEUES, worker.wake):
            yield ring
    finally:
        worker.drain()


@contextmanager
def _alone(folder: Path, name: str, root: Path) -> Iterator[None]:
    """One process of a machine watches a folder. Raises Conflict."""
    with refusing(folder / name):
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / f"{name}.lock").open("ab")
    with contextlib.closing(file):
        if not lock_file(file.fileno()):
            raise Conflict(f"another cuesmith watch is at work in {root}", "Stop that one first")
        yield
