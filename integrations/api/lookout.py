"""Watching jobs for many readers at once: one look at the database twice a second, whoever is waiting."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from anyio import to_thread
from sqlalchemy import Row, select

from integrations.jobs.database import Database
from integrations.jobs.reading import events_after
from integrations.jobs.states import ENDED, EXPIRED, QUEUED
from integrations.jobs.tables import jobs
from integrations.service.logs import logger
from scoring.errors import CuesmithError, QuotaReached

EVERY_S = 0.5  # so that progress is told at most twice a second
MOST_READERS = 500  # of one tenant at a time
_SOON_S = 0.02  # readers that come together are looked for together
_CHUNK = 500  # ids in one question


@dataclass(slots=True, eq=False)
class Watched:
    """A job as it was last seen. events: all of it so far, in order. changed: set, and made anew, at each change."""

    job_id: str
    version: int = -1
    state: str = QUEUED
    progress: float = 0.0
    events: list[Row[Any]] = field(default_factory=list)
    readers: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in ENDED

    @property
    def is_seen(self) -> bool:
        """Whether it has been looked at yet."""
        return self.version >= 0

    async def change(self, news: asyncio.Event, within_s: float) -> bool:
        """Wait until something is different; False when nothing was, within so many seconds.

        news: `changed` as it was before the rest was looked at, so that nothing that happens meanwhile is missed.
        """
        try:
            await asyncio.wait_for(news.wait(), max(0.0, within_s))
        except TimeoutError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class _Seen:
    version: int
    state: str
    progress: float
    events: Sequence[Row[Any]]


class Lookout:
    """One for a process, used from its event loop only. A waiting reader holds no thread and no connection."""

    def __init__(self, database: Database, every_s: float = EVERY_S) -> None:
        self._database, self._every_s = database, every_s
        self._watched: dict[str, Watched] = {}
        self._readers: dict[str, int] = {}
        self._task: asyncio.Task[None] | None = None
        self._came = asyncio.Event()
        self.is_closing = False

    @asynccontextmanager
    async def watching(self, tenant: str, job_id: str) -> AsyncIterator[Watched]:
        """A job of a tenant, watched as long as the block lasts. Raises QuotaReached for one reader too many."""
        if self._readers.get(tenant, 0) >= MOST_READERS:
            raise QuotaReached(f"{tenant} waits for news {MOST_READERS} times, as often as it may", "End some of them")
        watched = self._watched.setdefault(job_id, Watched(job_id))
        watched.readers += 1
        self._readers[tenant] = self._readers.get(tenant, 0) + 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())
        if not watched.is_seen:
            self._came.set()
        try:
            yield watched
        finally:
            watched.readers -= 1
            if not watched.readers:
                del self._watched[job_id]
            self._readers[tenant] -= 1
            if not self._readers[tenant]:
                del self._readers[tenant]

    def clock(self) -> float:
        """The event loop's time, seconds."""
        return asyncio.get_running_loop().time()

    def close(self) -> None:
        """Wake every reader, for the last time."""
        self.is_closing = True
        for watched in self._watched.values():
            watched.changed.set()
        if self._task is not None:
            self._task.cancel()

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        while self._watched and not self.is_closing:
            self._came.clear()
            began_s = loop.time()
            known = {job_id: (w.version, w.events[-1].id if w.events else 0) for job_id, w in self._watched.items()}
            try:
                for job_id, seen in (await to_thread.run_sync(self._read, known)).items():
                    if job_id in self._watched:
                        _renew(self._watched[job_id], seen)
            except CuesmithError as error:  # readers wait on: the database may answer the next time
                logger(__name__).warning("the lookout saw nothing", error=error.what)
            await asyncio.sleep(_SOON_S)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._came.wait(), max(0.0, self._every_s - (loop.time() - began_s)))

    def _read(self, known: dict[str, tuple[int, int]]) -> dict[str, _Seen]:
        ids = list(known)
        seen: dict[str, _Seen] = {}
        with self._database.reading() as connection:
            for start in range(0, len(ids), _CHUNK):
                some = ids[start : start + _CHUNK]
                query = select(jobs.c.id, jobs.c.version, jobs.c.state, jobs.c.progress).where(jobs.c.id.in_(some))
                found = {row.id: row for row in connection.execute(query).all()}
                for job_id in some:
                    version, last = known[job_id]
                    row = found.get(job_id)
                    if row is None:
                        seen[job_id] = _Seen(version + 1, EXPIRED, 0.0, ())
                    elif row.version != version:
                        news = events_after(connection, job_id, last)
                        seen[job_id] = _Seen(row.version, row.state, row.progress, news)
        return seen


def _renew(watched: Watched, seen: _Seen) -> None:
    watched.version, watched.state, watched.progress = seen.version, seen.state, seen.progress
    watched.events.extend(seen.events)
    before, watched.changed = watched.changed, asyncio.Event()
    before.set()
