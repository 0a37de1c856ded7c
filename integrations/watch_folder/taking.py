"""Taking one film: judged, copied into the storage, and written down together with its job."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from integrations.jobs.cancelling import cancel, delete_job
from integrations.jobs.database import Database
from integrations.jobs.intake import Ask
from integrations.jobs.reading import job_row
from integrations.jobs.reception import Reception
from integrations.jobs.sweeping import sweep
from integrations.jobs.tenants import Tenant
from integrations.jobs.uploads import read_upload
from integrations.service.faults import checkpoint
from integrations.service.logs import logger
from integrations.service.settings import ServiceSettings
from integrations.storage.storage import Storage
from integrations.watch_folder.config import Wanted, WatchConfig
from integrations.watch_folder.copying import copy_in
from integrations.watch_folder.gate import look_closely
from integrations.watch_folder.ledger import Drop, Entered, Ledger, New
from integrations.watch_folder.places import Places, moved_to, result_places
from scoring.errors import (
    Cancelled,
    CapacityError,
    Conflict,
    CuesmithError,
    FetchFailed,
    Gone,
    InputError,
    UnknownId,
    UploadConflict,
    VideoMissing,
)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a watch works with. is_wanted: turns false when it is told to stop."""

    database: Database
    storage: Storage
    settings: ServiceSettings
    tenant: Tenant
    reception: Reception
    ledger: Ledger
    places: Places
    is_wanted: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Took:
    """What became of trying to take a film.

    taken: drop, with is_new for a new job. same: drop, nothing is to be done. missing: something may still come, and
    when nothing does it is refused with reason, "" for never. full: there is no room now. changed: it is looked at
    again. refused: reason. notes: for people. pause_s: until it is tried again, None for a growing time.
    """

    kind: Literal["taken", "same", "missing", "full", "changed", "refused"]
    reason: str = ""
    what: str = ""
    drop: Drop | None = None
    is_new: bool = False
    notes: tuple[str, ...] = ()
    pause_s: float | None = None


def take(desk: Desk, config: WatchConfig, path: Path, identity: str, side_cars: str, still_s: float) -> Took:
    """Take a film that stands still. path: below the watched folder. identity, side_cars: as they were seen.

    Never raises: one bad film must not end the watch.
    """
    try:
        return _take(desk, config, path, identity, side_cars, still_s)
    except (UploadConflict, VideoMissing, Cancelled):
        return Took("changed")
    except (CapacityError, FetchFailed) as error:
        return Took("full", str(error))
    except InputError as error:
        return Took("refused", _lines(error))
    except CuesmithError as error:
        return Took("missing", _lines(error), error.what)
    except OSError as error:
        what = f"it cannot be read ({error.strerror or error})"
        return Took("missing", f"{what}\nCheck its rights and its disk", what)
    except Exception as error:  # the rim: whatever this film does to us, the next one is taken
        logger(__name__).exception("taking a film broke", film=str(path))
        what = f"cuesmith broke on it: {type(error).__name__}: {error}"
        return Took("missing", f"{what}\nReport it, with the log", what)


def _take(desk: Desk, config: WatchConfig, path: Path, identity: str, side_cars: str, still_s: float) -> Took:
    film = desk.places.root / path
    verdict = look_closely(film, identity, still_s, config.patience_s, desk.settings.media)
    if verdict.error is not None and verdict.is_final:
        return Took("refused", _lines(verdict.error))
    if verdict.missing:
        reason = "" if verdict.error is None else _lines(verdict.error)
        return Took("missing", reason, verdict.missing, pause_s=verdict.pause_s)
    wanted = config.wanted_for(path)
    if wanted.side_cars.identity != side_cars:
        return Took("changed")
    upload, sha256 = copy_in(desk.reception, desk.tenant, film, identity, desk.is_wanted)
    try:
        ask = None
        if desk.ledger.same(sha256, wanted.order.digest()) is None:
            upload = desk.reception.settle(upload, 0)
            if upload.sha256 != sha256:
                raise CapacityError(f"the copy of {film.name} is not what was read", "Check the service's disk")
            checkpoint("watch.stored")
            ask = Ask(wanted.order, upload.source(), upload.id)
        entered = _enter(desk, config, path, identity, wanted, sha256, ask)
    except BaseException:
        desk.reception.abandon(upload)
        raise
    if not entered.made_job:
        desk.reception.abandon(upload)
    if entered.replaced_job is not None:
        with contextlib.suppress(UnknownId):
            cancel(desk.database, desk.settings, desk.tenant.id, entered.replaced_job)
    kind: Literal["taken", "same"] = "taken" if entered.drop.state == "taken" else "same"
    return Took(kind, drop=entered.drop, is_new=entered.made_job, notes=wanted.notes)


def _enter(
    desk: Desk, config: WatchConfig, path: Path, identity: str, wanted: Wanted, sha256: str, ask: Ask | None
) -> Entered:
    before = desk.ledger.known([path]).get(path)
    has_result = before is not None and before.result is not None and (desk.places.out / before.result).is_file()
    new = New(
        path, identity, wanted.side_cars.identity, sha256, wanted.order.digest(), result_places(desk.places, path)
    )
    # A film that stays is a new version of itself; one that was moved away is another that came under its name.
    keeps_place = moved_to(config, path, is_scored=True) is None
    return desk.ledger.take(new, ask, keeps_place=keeps_place, has_result=has_result)


def make_room(desk: Desk) -> int:
    """Let go of the oldest of our jobs whose results are where they belong, and of their films; how many."""
    made = 0
    for job_id in desk.ledger.oldest_done():
        with contextlib.suppress(Conflict, UnknownId, Gone):
            with desk.database.reading() as connection:
                upload_id = job_row(connection, desk.tenant.id, job_id).upload_id
            delete_job(desk.database, desk.tenant.id, job_id)
            made += 1
            if upload_id is not None:
                with desk.database.reading() as connection:
                    upload = read_upload(connection, desk.tenant.id, upload_id)
                desk.reception.terminate(upload)
    if made:
        sweep(desk.database, desk.storage, desk.settings)
    return made


def _lines(error: CuesmithError) -> str:
    return f"{error.what}\n{error.advice}" if error.advice else error.what
