"""A worker: slots that do units, and a pulse that holds their leases, looks after the silent and tidies up."""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Sequence

from integrations.jobs.claiming import has_ended
from integrations.jobs.database import Database
from integrations.jobs.ids import is_id, new_id
from integrations.jobs.leasing import beat, still_mine
from integrations.jobs.reaping import expire, reap, say_alive
from integrations.jobs.sweeping import sweep
from integrations.service.logs import logger
from integrations.service.settings import ServiceSettings
from integrations.storage.storage import Storage
from integrations.work import family
from integrations.work.board import Board
from integrations.work.slot import Bell, Slot, Surroundings
from pipeline.publish import write_text
from scoring.errors import CuesmithError

_TIDY_S = 30.0
ALIVE_FILE = "worker.alive"


class Worker:
    """Runs until it is told to drain. Slots and pulse are threads; the work itself is done in child processes."""

    def __init__(
        self,
        settings: ServiceSettings,
        database: Database,
        storage: Storage,
        queues: Sequence[str],
        slots: int,
        ring: Callable[[str], None] = lambda queue: None,
    ) -> None:
        self.id = new_id("worker")
        self._settings = settings
        self._database = database
        self._storage = storage
        self._board = Board()
        self._bell = Bell()
        owner = f"{socket.gethostname()}:{os.getpid()}:{self.id[-8:]}"
        around = Surroundings(
            database=database,
            settings=settings,
            owner=owner,
            queues=tuple(queues),
            board=self._board,
            bell=self._bell,
            clean=self._clean,
            tidy=self._tidy,
            ring=ring,
        )
        self._queues = tuple(queues)
        self._slots = [Slot(number, around) for number in range(slots)]
        self._over = threading.Event()
        self._pulse = threading.Thread(target=self._beat_on, name="pulse", daemon=True)
        self._log = logger(__name__).bind(worker=owner)

    def start(self) -> None:
        """Begin to work; returns at once."""
        self._settings.data.mkdir(parents=True, exist_ok=True)
        self._settings.work.mkdir(parents=True, exist_ok=True)
        family.adopt_orphans()
        self._say_alive()
        self._pulse.start()
        for slot in self._slots:
            slot.start()
        self._log.info("at work", queues=list(self._queues), slots=len(self._slots))

    def wake(self) -> None:
        """There may be work: look now."""
        self._bell.rung.set()

    def drain(self) -> None:
        """Take nothing more, finish what can be finished within the grace, give back the rest; then return."""
        self._log.info("draining", grace_s=self._settings.patience.grace_s)
        self._bell.draining.set()
        self._bell.rung.set()
        until_s = time.monotonic() + self._settings.patience.grace_s
        for slot in self._slots:
            slot.join(max(0.0, until_s - time.monotonic()))
        self._bell.hurrying.set()
        for slot in self._slots:
            slot.join()
        self._over.set()
        self._pulse.join()
        (self._settings.data / ALIVE_FILE).unlink(missing_ok=True)
        self._log.info("drained")

    def _beat_on(self) -> None:
        patience = self._settings.patience
        next_beat_s = next_tidy_s = 0.0
        while not self._over.wait(patience.cancel_s):
            now_s = time.monotonic()
            try:
                held = self._board.held()
                if now_s >= next_beat_s:
                    next_beat_s = now_s + patience.beat_s
                    self._board.keep_only(held, beat(self._database, patience, held))
                    self._say_alive()
                    reaped = reap(self._database, self._settings)
                    if reaped.lapsed:
                        self._bell.rung.set()
                    for prefix in reaped.left_behind:
                        self._clean(prefix)
                else:
                    self._board.keep_only(held, still_mine(self._database, held))
                if now_s >= next_tidy_s:
                    next_tidy_s = now_s + _TIDY_S
                    expire(self._database, self._settings)
                    sweep(self._database, self._storage, self._settings)
                    self._tidy_all()
            except CuesmithError as error:  # the pulse goes on: when the database is back, leases are renewed or lost
                self._log.warning("the pulse missed a beat", what=error.what)
            except Exception:  # the rim of the pulse: without it every lease would lapse
                self._log.exception("the pulse stumbled")

    def _say_alive(self) -> None:
        facts: dict[str, object] = {"pid": os.getpid(), "host": socket.gethostname(), "slots": len(self._slots)}
        say_alive(self._database, self.id, list(self._queues), facts)
        sign = {"pid": os.getpid(), "queues": list(self._queues), "beat_unix_s": time.time()}
        write_text(self._settings.data / ALIVE_FILE, json.dumps(sign) + "\n")

    def _clean(self, prefix: str) -> None:
        """Remove what an attempt that came to nothing put into the storage."""
        try:
            self._storage.delete_prefix(prefix)
        except CuesmithError as error:  # it goes when the job does
            self._log.warning("left behind in the storage", prefix=prefix, what=error.what)

    def _tidy(self, job_id: str) -> None:
        """Remove a job's folder on this machine when nothing more is done for it."""
        if self._board.works_on(job_id):
            return
        with self._database.reading() as connection:
            if not has_ended(connection, job_id):
                return
        shutil.rmtree(self._settings.work / job_id, ignore_errors=True)

    def _tidy_all(self) -> None:
        """Remove the folders of jobs that ended elsewhere."""
        for folder in self._settings.work.iterdir():
            if is_id(folder.name):
                self._tidy(folder.name)
