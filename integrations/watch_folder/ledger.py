"""The ledger: which films of a watched folder were taken, and what became of them, in the service's own job store.

A film and its job are written down in one transaction, so whoever is killed has either done both or neither.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Row, delete, func, insert, select, text, update

from integrations.jobs import states
from integrations.jobs.database import Database
from integrations.jobs.ids import new_id
from integrations.jobs.intake import Ask, take_in_within
from integrations.jobs.orders import check_order
from integrations.jobs.tables import drops, jobs
from integrations.jobs.tenants import Tenant
from integrations.service.faults import checkpoint
from scoring.errors import UploadConflict

TAKEN, SCORED, REFUSED = "taken", "scored", "refused"
_LOCK = 0x0C0E5113  # any number that is not the migrations' or the experiments'
_AT_ONCE = 400  # paths asked for in one query
_KEPT_S = 90 * 86_400.0  # how long it is remembered what left the folder by our hand
_NOT_COMING = (states.FAILED, states.CANCELLED, states.ABORTED, states.EXPIRED)


@dataclass(frozen=True, slots=True)
class Drop:
    """A row. path: below the watched folder; place, result: below the output folder. See tables.drops."""

    id: str
    path: Path
    identity: str
    side_cars: str
    sha256: str | None
    wanted: str | None
    job_id: str | None
    state: str
    is_tidy: bool
    place: Path | None
    result: Path | None
    reason: str


@dataclass(frozen=True, slots=True)
class New:
    """A film that is in the storage, as it is to be written down. places: where its results may go, the best first."""

    path: Path
    identity: str
    side_cars: str
    sha256: str
    wanted: str
    places: Sequence[Path]


@dataclass(frozen=True, slots=True)
class Entered:
    """made_job: it is a new one; else an earlier drop's, with the same film and order. replaced_job: what the file's
    last content was being scored by, and nobody waits for any more.
    """

    drop: Drop
    made_job: bool
    replaced_job: str | None


@dataclass(frozen=True, slots=True)
class End:
    """How a job stands. error: as the API shows it, None without one."""

    state: str
    error: dict[str, Any] | None


class Ledger:
    """The rows of one watched folder. All calls block and raise what Database does."""

    def __init__(self, database: Database, tenant: Tenant, root: Path) -> None:
        self.watch = _sha256(os.fsencode(root))
        self.tenant = tenant
        self._database = database

    # Reading -------------------------------------------------------------------------------------

    def known(self, paths: Iterable[Path]) -> dict[Path, Drop]:
        """The latest row of each path that has one."""
        keys = [_sha256(os.fsencode(path)) for path in paths]
        found: dict[Path, Drop] = {}
        with self._database.reading() as connection:
            for start in range(0, len(keys), _AT_ONCE):
                mine = [*self._latest(), drops.c.path_key.in_(keys[start : start + _AT_ONCE])]
                for row in connection.execute(select(drops).where(*mine)).all():
                    found[_path(row.path)] = _drop(row)
        return found

    def unfinished(self) -> list[Drop]:
        """Those whose job nobody has brought home yet, and those whose file is not where it belongs."""
        with self._database.reading() as connection:
            mine = [*self._latest(), (drops.c.state == TAKEN) | drops.c.is_tidy.is_(False)]
            rows = connection.execute(select(drops).where(*mine).order_by(drops.c.created_s, drops.c.id)).all()
        return [_drop(row) for row in rows]

    def ends(self, job_ids: Sequence[str]) -> dict[str, End]:
        """How the jobs stand; one that is no more counts as expired."""
        with self._database.reading() as connection:
            query = select(jobs.c.id, jobs.c.state, jobs.c.error).where(jobs.c.id.in_(list(job_ids)))
            found = {row.id: End(row.state, row.error) for row in connection.execute(query).all()}
        return {job_id: found.get(job_id, End(states.EXPIRED, None)) for job_id in job_ids}

    def same(self, sha256: str, wanted: str) -> str | None:
        """The job that scores, or has scored, this content as wanted; None when there is none, or not any more."""
        with self._database.reading() as connection:
            return self._twin(connection, sha256, wanted)

    def oldest_done(self) -> list[str]:
        """Jobs of this folder whose results are all where they belong, the oldest first; some of them."""
        with self._database.reading() as connection:
            busy = select(drops.c.job_id).where(drops.c.state == TAKEN, drops.c.job_id.is_not(None))
            query = (
                select(jobs.c.id)
                .join(drops, drops.c.job_id == jobs.c.id)
                .where(drops.c.watch == self.watch, jobs.c.tenant_id == self.tenant.id)
                .where(jobs.c.state.in_((states.SUCCEEDED, states.FAILED)), jobs.c.id.not_in(busy))
                .order_by(jobs.c.created_s)
                .limit(20)
            )
            return list(dict.fromkeys(connection.execute(query).scalars()))

    # Writing -------------------------------------------------------------------------------------

    def take(self, new: New, ask: Ask | None, *, keeps_place: bool, has_result: bool) -> Entered:
        """Write a film down with its job, a new one or that of the same film and order; on disk when this returns.

        ask: None where there was such a job a moment ago. keeps_place: the results of the path's earlier content are
        replaced. has_result: those of the same content are still where they were put. Raises what take_in does,
        UploadConflict when there is no job and none can be made.
        """
        if ask is not None:
            check_order(ask.order)
        with self._database.writing() as connection:
            self._hold(connection)
            now_s = self._database.now_s(connection)
            before = self._row(connection, new.path)
            if before is not None and self._is_same(before, new, has_result):
                changes = {"identity": new.identity, "side_cars": new.side_cars, "is_tidy": before.state == TAKEN}
                connection.execute(update(drops).where(drops.c.id == before.id).values(**changes, changed_s=now_s))
                row = connection.execute(select(drops).where(drops.c.id == before.id)).one()
                return Entered(_drop(row), made_job=False, replaced_job=None)
            twin = self._twin(connection, new.sha256, new.wanted)
            if twin is None and ask is None:
                raise UploadConflict("the job with the same film has just been deleted", "It is taken again")
            job_id = twin or take_in_within(connection, now_s, self.tenant, cast("Ask", ask)).job_id
            keeps = keeps_place and before is not None and before.place is not None
            place = _path(before.place) if keeps and before is not None else self._free(connection, new)
            self._set_aside(connection, new.path)
            values = {
                **self._fresh(new.path, new.identity, new.side_cars, now_s),
                "sha256": new.sha256,
                "wanted": new.wanted,
                "job_id": job_id,
                "state": TAKEN,
                "is_tidy": True,
                "place": os.fsencode(place),
                "place_key": _place_key(place),
            }
            connection.execute(insert(drops).values(values))
            row = connection.execute(select(drops).where(drops.c.id == values["id"])).one()
            replaced = self._replaced(connection, before)
            checkpoint("watch.commit")
        checkpoint("watch.committed")
        return Entered(_drop(row), made_job=twin is None, replaced_job=replaced)

    def refuse(self, path: Path, identity: str, side_cars: str, reason: str) -> Drop:
        """Write down that a file is not taken, until it changes."""
        with self._database.writing() as connection:
            self._hold(connection)
            now_s = self._database.now_s(connection)
            self._set_aside(connection, path)
            values = {**self._fresh(path, identity, side_cars, now_s), "state": REFUSED, "reason": reason}
            connection.execute(insert(drops).values(values))
            row = connection.execute(select(drops).where(drops.c.id == values["id"])).one()
        checkpoint("watch.refused")
        return _drop(row)

    def scored(self, drop: Drop, result: Path) -> None:
        """Its results are in the output folder. result: the finished film, below that folder."""
        self._change(drop, state=SCORED, result=os.fsencode(result), reason="", is_tidy=False)
        checkpoint("watch.scored")

    def failed(self, drop: Drop, reason: str) -> None:
        """Its job came to nothing."""
        self._change(drop, state=REFUSED, reason=reason, is_tidy=False)
        checkpoint("watch.failed")

    def tidied(self, drop: Drop, *, identity: str | None = None, has_left: bool = False) -> None:
        """Nothing is left to be done in the folder. identity: of the file now, where our own hand changed it."""
        changes: dict[str, Any] = {"is_tidy": True, "has_left": has_left}
        if identity is not None:
            changes["identity"] = identity
        self._change(drop, **changes)

    def forget(self, drop: Drop) -> None:
        """The path counts as never seen."""
        self._change(drop, is_latest=False)

    def forget_refused(self) -> int:
        """Films that were refused, or whose job failed, are tried again; how many."""
        with self._database.writing() as connection:
            mine = [*self._latest(), drops.c.state == REFUSED]
            return connection.execute(update(drops).where(*mine).values(is_latest=False)).rowcount

    def prune(self) -> int:
        """Remove old rows of what was replaced and of what we moved away; how many."""
        with self._database.writing() as connection:
            late = self._database.now_s(connection) - _KEPT_S
            gone = drops.c.is_latest.is_(False) | (drops.c.has_left.is_(True) & drops.c.is_tidy.is_(True))
            return connection.execute(
                delete(drops).where(drops.c.watch == self.watch, drops.c.changed_s < late, gone)
            ).rowcount

    # Inside --------------------------------------------------------------------------------------

    def _latest(self) -> list[Any]:
        return [drops.c.watch == self.watch, drops.c.is_latest.is_(True)]

    def _hold(self, connection: Connection) -> None:
        # Two watchers of one folder, or of two with the same films, look and write one after the other.
        if not self._database.is_sqlite:
            connection.execute(text("select pg_advisory_xact_lock(:number)"), {"number": _LOCK})

    def _row(self, connection: Connection, path: Path) -> Row[Any] | None:
        mine = [*self._latest(), drops.c.path_key == _sha256(os.fsencode(path))]
        return connection.execute(select(drops).where(*mine)).one_or_none()

    def _set_aside(self, connection: Connection, path: Path) -> None:
        mine = [*self._latest(), drops.c.path_key == _sha256(os.fsencode(path))]
        connection.execute(update(drops).where(*mine).values(is_latest=False))

    def _is_same(self, before: Row[Any], new: New, has_result: bool) -> bool:
        if (before.sha256, before.wanted) != (new.sha256, new.wanted):
            return False
        return before.state == TAKEN or (before.state == SCORED and has_result)

    def _twin(self, connection: Connection, sha256: str, wanted: str) -> str | None:
        query = (
            select(jobs.c.id)
            .join(drops, drops.c.job_id == jobs.c.id)
            .where(drops.c.sha256 == sha256, drops.c.wanted == wanted, drops.c.tenant_id == self.tenant.id)
            .where(jobs.c.tenant_id == self.tenant.id, jobs.c.state.not_in(_NOT_COMING))
            .order_by(jobs.c.created_s.desc())
            .limit(1)
        )
        found: str | None = connection.execute(query).scalar_one_or_none()
        return found

    def _free(self, connection: Connection, new: New) -> Path:
        """The first of the places that no other drop has; the last one when all are taken."""
        keys = {_place_key(place): place for place in reversed(new.places)}
        # A place that an earlier try was given and never filled is free again.
        in_use = drops.c.is_latest.is_(True) | drops.c.result.is_not(None)
        mine = [drops.c.watch == self.watch, drops.c.place_key.in_(list(keys)), in_use]
        taken = set(connection.execute(select(drops.c.place_key).where(*mine)).scalars())
        return next((place for place in new.places if _place_key(place) not in taken), new.places[-1])

    def _fresh(self, path: Path, identity: str, side_cars: str, now_s: float) -> dict[str, Any]:
        return {
            "id": new_id("drop"),
            "tenant_id": self.tenant.id,
            "watch": self.watch,
            "path": os.fsencode(path),
            "path_key": _sha256(os.fsencode(path)),
            "is_latest": True,
            "identity": identity,
            "side_cars": side_cars,
            "is_tidy": False,
            "has_left": False,
            "reason": "",
            "created_s": now_s,
            "changed_s": now_s,
        }

    def _replaced(self, connection: Connection, before: Row[Any] | None) -> str | None:
        if before is None or before.state != TAKEN or before.job_id is None:
            return None
        others = [drops.c.job_id == before.job_id, drops.c.is_latest.is_(True)]
        count = connection.execute(select(func.count()).select_from(drops).where(*others)).scalar_one()
        return None if count else str(before.job_id)

    def _change(self, drop: Drop, **changes: Any) -> None:
        with self._database.writing() as connection:
            changes["changed_s"] = self._database.now_s(connection)
            connection.execute(update(drops).where(drops.c.id == drop.id).values(changes))


def _drop(row: Row[Any]) -> Drop:
    return Drop(
        id=row.id,
        path=_path(row.path),
        identity=row.identity,
        side_cars=row.side_cars,
        sha256=row.sha256,
        wanted=row.wanted,
        job_id=row.job_id,
        state=row.state,
        is_tidy=row.is_tidy,
        place=None if row.place is None else _path(row.place),
        result=None if row.result is None else _path(row.result),
        reason=row.reason,
    )


def _path(data: bytes) -> Path:
    return Path(os.fsdecode(data))


def _place_key(place: Path) -> str:
    """The same for names that some file system takes for one."""
    folded = unicodedata.normalize("NFC", str(place)).casefold()
    return _sha256(folded.encode("utf-8", "surrogateescape"))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
