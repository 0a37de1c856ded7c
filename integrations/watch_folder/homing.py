"""Bringing one drop home: results into the output folder, then the film and its reason to where they belong."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from integrations.jobs import states
from integrations.service.faults import checkpoint
from integrations.service.logs import logger
from integrations.watch_folder.config import WatchConfig
from integrations.watch_folder.filing import file_away
from integrations.watch_folder.ledger import REFUSED, SCORED, Drop, End
from integrations.watch_folder.places import moved_to
from integrations.watch_folder.reasons import remove_reason, write_reason
from integrations.watch_folder.results import bring_home
from integrations.watch_folder.taking import Desk
from scoring.errors import CuesmithError, Gone


@dataclass(frozen=True, slots=True)
class Came:
    """What became of it. scored: result is the finished film. failed: reason. expired: its job is no more, and it is to
    be taken again. tidied: the film is where it belongs. waiting: something is in the way, reason.
    """

    kind: Literal["scored", "failed", "expired", "tidied", "waiting"]
    drop: Drop
    reason: str = ""
    result: Path | None = None


def come_home(desk: Desk, config: WatchConfig, drop: Drop, end: End | None) -> Came:
    """Do what is left to be done for a drop. end: how its job ended; None where only the film is to be put away.

    Never raises: what is in the way of one film must not end the watch. Doing it again after a kill changes nothing.
    """
    try:
        if end is None:
            return _tidy(desk, config, drop)
        desk.places.check_out()
        return _end(desk, drop, end)
    except CuesmithError as error:
        return Came("waiting", drop, str(error))
    except OSError as error:
        return Came("waiting", drop, f"{error.strerror or error}: {error.filename or drop.path}")
    except Exception as error:  # the rim, as above
        logger(__name__).exception("bringing a film home broke", film=str(drop.path))
        return Came("waiting", drop, f"cuesmith broke on it: {type(error).__name__}: {error}")


def _end(desk: Desk, drop: Drop, end: End) -> Came:
    if end.state == states.EXPIRED or drop.job_id is None or drop.place is None:
        desk.ledger.forget(drop)
        return Came("expired", drop)
    if end.state != states.SUCCEEDED:
        reason = _reason(end.state, end.error)
        desk.ledger.failed(drop, reason)
        return Came("failed", drop, reason)
    try:
        result = bring_home(desk.database, desk.storage, desk.tenant.id, drop.job_id, desk.places.out, drop.place)
    except Gone:
        desk.ledger.forget(drop)
        return Came("expired", drop)
    checkpoint("watch.delivered")
    desk.ledger.scored(drop, result)
    return Came("scored", drop, result=desk.places.out / result)


def _tidy(desk: Desk, config: WatchConfig, drop: Drop) -> Came:
    film = desk.places.root / drop.path
    spare = [desk.places.out / drop.path] if desk.places.out.is_dir() else []  # an unmounted disk is not written below
    folder = moved_to(config, drop.path, is_scored=drop.state == SCORED)
    if drop.sha256 is None and not film.is_file():
        folder = None  # a link, a pipe, a device: it stays
    moved = None
    if folder is not None:
        cars = config.side_cars_of(drop.path).paths if film.parent.is_dir() else ()
        moved = file_away(film, drop.identity, folder, cars)
    if drop.state == REFUSED:
        if moved is not None:
            remove_reason([film])
        if moved is not None or film.parent.is_dir():
            write_reason([moved or film, *spare], drop.reason, drop.job_id, time.time())
    else:
        remove_reason([film, *spare])
    checkpoint("watch.tidied")
    desk.ledger.tidied(drop, has_left=moved is not None)
    return Came("tidied", drop)


def _reason(state: str, error: Mapping[str, Any] | None) -> str:
    if error is None:
        return f"the job was {state}\nTouch the film to have it scored again"
    return "\n".join(str(error[part]) for part in ("what", "advice") if error.get(part)) or f"the job {state}"
