"""The watch itself: look, wait until films stand still, take them one by one, bring their results home."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from integrations.jobs import states
from integrations.service.logs import logger
from integrations.watch_folder.config import WatchConfig
from integrations.watch_folder.homing import Came, come_home
from integrations.watch_folder.ledger import REFUSED, SCORED, TAKEN, Drop
from integrations.watch_folder.look import Found, Look, identity_at, look
from integrations.watch_folder.places import skipped
from integrations.watch_folder.settling import Settling
from integrations.watch_folder.taking import Desk, Took, make_room, take
from integrations.watch_folder.telling import Teller
from scoring.errors import CuesmithError, FetchFailed

_STEP_S = 0.25  # the shortest time between two rounds
_YOUNG_S = 1.0  # files that move are looked at so often, between two looks at everything
_JOBS_S = 0.5  # how often it is asked whether jobs have ended
_IDLE_S = 60.0  # between two looks at everything when nothing moves and the system gives hints
_TIDY_S = 60.0
_FULL_S = 10.0  # when there was no room
_AGAIN_S = (1.0, 5.0, 15.0, 60.0)  # between two tries to bring a film home
_SHARE = 4.0  # a look that takes long is made less often: at most a quarter of the time is spent on looking


@dataclass(frozen=True, slots=True)
class _Decided:
    """What a file was when something was decided about it."""

    identity: str
    side_cars: str


@dataclass(slots=True)
class _Home:
    """A drop that is not where it belongs yet. is_replaced: its file is another by now, so nobody waits for it."""

    drop: Drop
    tries: int = 0
    not_before_s: float = 0.0
    is_busy: bool = False
    is_replaced: bool = False


class Watcher:
    """One watched folder. All but the copying is done in the thread that calls round.

    most_open: films that are taken and not brought home, at most, so that the storage holds no more than it must.
    poll_s: in place of the settings'. ring: says that there is work in a queue.
    """

    def __init__(
        self,
        desk: Desk,
        config: WatchConfig,
        teller: Teller,
        *,
        most_open: int,
        poll_s: float | None = None,
        ring: Callable[[str], None] = lambda queue: None,
    ) -> None:
        self._desk, self._config, self._tell = desk, config, teller
        self._most_open, self._ring_workers = most_open, ring
        self._own_poll_s = poll_s
        self.are_hints = False
        self.wake = threading.Event()
        self._settling = Settling(config.settle_s, config.looks)
        self._decided: dict[Path, _Decided] = {}
        self._found: dict[Path, Found] = {}
        self._cars: dict[Path, str] = {}
        self._beside: dict[Path, str] = {}
        self._taking: dict[Path, Future[Took]] = {}
        self._asked: dict[Path, _Decided] = {}  # what the takes that are under way were given
        self._homes: dict[str, _Home] = {}
        self._coming: dict[str, Future[Came]] = {}
        self._pools = ThreadPoolExecutor(1, "take"), ThreadPoolExecutor(1, "home")
        self._next_look_s = self._next_young_s = self._next_jobs_s = self._next_tidy_s = 0.0
        self._look_s = 0.0
        self._is_first, self._is_hinted = True, False
        self._soonest_look_s = 0.0
        self._full_until_s = 0.0
        self._moved_s = time.monotonic()  # when something was last decided or done

    @property
    def root(self) -> Path:
        """The watched folder."""
        return self._desk.places.root

    @property
    def _poll_s(self) -> float:
        return self._config.poll_s if self._own_poll_s is None else self._own_poll_s

    def start(self) -> None:
        """Take up what an earlier watch left."""
        for drop in self._desk.ledger.unfinished():
            self._homes[drop.id] = _Home(drop)

    def stop(self) -> None:
        """Wait for what is under way; copies are broken off when Desk.is_wanted says so."""
        for pool in self._pools:
            pool.shutdown(wait=True, cancel_futures=True)

    def ring(self) -> None:
        """Something happened in the folder: look soon. From any thread, however often."""
        self._is_hinted = True
        self.wake.set()

    def is_idle(self) -> bool:
        """Whether nothing is left to be done, or patience has run out without anything happening: then somebody has
        what is left open to write to it, or a disk is full.
        """
        if self._is_first or self._is_hinted or self._taking or self._coming or self._homes:
            return False
        return not len(self._settling) or time.monotonic() - self._moved_s > self._config.patience_s

    def left(self) -> list[Path]:
        """Films that nothing was decided about yet."""
        return self._settling.paths()

    def round(self) -> float:
        """Do what is due now; how long to wait until the next round, in seconds, when nothing wakes us.

        Raises what a database raises that does not answer.
        """
        now_s = time.monotonic()
        self._collect(now_s)
        self._refresh()
        if now_s >= (self._soonest_look_s if self._is_hinted else self._next_look_s):
            self._is_hinted = False  # before the look: what happens meanwhile is another hint
            try:
                self._look(now_s)
            except CuesmithError:
                self._is_hinted = True
                raise
        elif now_s >= self._next_young_s:
            self._look_at_young(now_s)
        self._offer(now_s)
        if now_s >= self._next_jobs_s:
            self._bring_home(now_s)
        if now_s >= self._next_tidy_s:
            self._next_tidy_s = now_s + _TIDY_S
            self._pools[1].submit(self._chores)
        return self._pause_s(now_s)

    # Looking -------------------------------------------------------------------------------------

    def _look(self, now_s: float) -> None:
        try:
            seen = look(self._desk.places.root, self._config.patterns, skipped(self._config))
        except FetchFailed as error:  # nothing is forgotten: what is not seen is not gone
            self._tell.trouble(str(self._desk.places.root), str(error))
            self._next_look_s = self._soonest_look_s = now_s + self._poll_s
            return
        self._tell.over(str(self._desk.places.root))
        for folder, why in seen.unread.items():
            self._tell.trouble(str(self._desk.places.root / folder), f"it cannot be looked into: {why}")
        self._forget_missing(seen)
        strangers = [path for path in seen.films if path not in self._decided and path not in self._settling]
        self._recall(seen, strangers)
        for path, found in seen.films.items():
            self._consider(path, found, seen, now_s)
        self._is_first = False
        self._beside = seen.beside
        self._found = seen.films
        self._look_s = time.monotonic() - now_s
        self._schedule(now_s)

    def _forget_missing(self, seen: Look) -> None:
        for path in [path for path in self._decided if path not in seen.films]:
            del self._decided[path]
        for path in self._settling.paths():
            if path not in seen.films and path not in self._taking:
                self._settling.forget(path)
        for path in [path for path in self._cars if path not in seen.films]:
            del self._cars[path]

    def _recall(self, seen: Look, strangers: list[Path]) -> None:
        """What the ledger knows of films that we do not."""
        for path, drop in self._desk.ledger.known(strangers).items():
            if drop.identity == seen.films[path].identity:
                self._decided[path] = _Decided(drop.identity, drop.side_cars)

    def _consider(self, path: Path, found: Found, seen: Look, now_s: float) -> None:
        if path not in self._cars or self._beside.get(path.parent) != seen.beside[path.parent]:
            try:
                self._cars[path] = self._config.side_cars_of(path, seen.names[path.parent]).identity
            except OSError as error:
                self._tell.trouble(str(path), f"what lies beside it cannot be looked at: {error}")
                return
        now = _Decided(found.identity, self._cars[path])
        if path in self._taking or self._decided.get(path) == now:
            return
        if found.refused:
            self._refuse(path, now, found.refused)
            return
        is_new = path not in self._settling
        # What lay there before us may have been still for long. Later ones are timed by our own clock alone: a share's
        # may be an hour off.
        age_s = max(0.0, time.time() - found.arrived_ns / 1e9) if self._is_first else 0.0
        if self._settling.saw(path, f"{found.identity}|{self._cars[path]}", now_s, age_s):
            self._moved_s = now_s
        if is_new and path not in self._decided:
            self._tell.found(path)

    def _look_at_young(self, now_s: float) -> None:
        """At files that move, alone: a look at everything is for what is new."""
        self._next_young_s = now_s + min(_YOUNG_S, self._poll_s)
        for path in self._settling.young():
            if path in self._taking:
                continue
            try:
                identity = identity_at(self._desk.places.root / path)
            except OSError:
                continue
            if identity is not None and self._settling.saw(path, f"{identity}|{self._cars.get(path, '')}", now_s):
                self._moved_s = now_s

    def _schedule(self, now_s: float) -> None:
        pause_s = self._poll_s
        if self.are_hints and not self._settling.unsettled():
            pause_s = max(pause_s, _IDLE_S)
        self._soonest_look_s = now_s + max(_STEP_S, _SHARE * self._look_s)
        self._next_look_s = max(now_s + pause_s, self._soonest_look_s)
        self._next_young_s = now_s + min(_YOUNG_S, self._poll_s)

    def _refresh(self) -> None:
        config = self._config.refreshed()
        if config is not self._config:
            self._config = config
            logger(__name__).info("settings read again", path=str(config.path))

    # Taking --------------------------------------------------------------------------------------

    def _offer(self, now_s: float) -> None:
        """Give the oldest film that stands still to the thread that takes them, while there is room."""
        for path in self._settling.newly_settled(now_s):
            self._tell.settled(path)
        if self._taking or not self._has_room() or now_s < self._full_until_s:
            return
        ready = [path for path in self._settling.settled(now_s) if path in self._found]
        if not ready:
            return
        path = min(ready, key=lambda path: (self._found[path].arrived_ns, path))
        identity, _, cars = self._settling.identity(path).partition("|")
        self._settling.hold(path)
        self._asked[path] = _Decided(identity, cars)
        still_s = self._settling.still_s(path, now_s)
        future = self._pools[0].submit(take, self._desk, self._config, path, identity, cars, still_s)
        self._taking[path] = future
        future.add_done_callback(lambda _: self.wake.set())

    def _has_room(self) -> bool:
        return sum(home.drop.state == TAKEN for home in self._homes.values()) < self._most_open

    def _collect(self, now_s: float) -> None:
        # What is told cannot be told again, so it goes last: the database may not answer in between.
        for path in [path for path, future in self._taking.items() if future.done()]:
            self._took(path, self._taking[path].result(), self._asked[path], now_s)
            del self._taking[path], self._asked[path]
        for drop_id in [drop_id for drop_id, future in self._coming.items() if future.done()]:
            self._came(self._coming.pop(drop_id).result(), now_s)

    def _took(self, path: Path, took: Took, asked: _Decided, now_s: float) -> None:
        if took.kind == "full":
            self._tell.trouble("storage", took.reason)
            self._full_until_s = now_s + _FULL_S
            self._settling.release(path, now_s, 0.0)
            self._pools[1].submit(self._make_room)
            return
        self._tell.over("storage")
        if took.kind == "changed":
            self._settling.release(path, now_s, 0.0)
            self._is_hinted = True
            return
        if took.kind == "missing" and not (
            took.reason and self._settling.still_s(path, now_s) >= self._config.patience_s
        ):
            self._tell.trouble(str(path), took.what)
            self._settling.release(path, now_s, took.pause_s)
            return
        if took.drop is None:
            self._refuse(path, asked, took.reason)
            return
        self._decide(path, asked, took.drop)
        for note in took.notes:
            self._tell.note(path, note)
        if took.kind == "taken":
            self._ring_workers("media")
            self._tell.scoring(path, str(took.drop.job_id), is_new=took.is_new)
        else:
            self._tell.unchanged(path)

    def _refuse(self, path: Path, now: _Decided, reason: str) -> None:
        drop = self._desk.ledger.refuse(path, now.identity, now.side_cars, reason)
        self._decide(path, now, drop)
        self._tell.refused(path, reason)

    def _decide(self, path: Path, now: _Decided, drop: Drop) -> None:
        """From here on the file is known as it is; what its path stood for before is no longer waited for."""
        self._tell.over(str(path))
        self._moved_s = time.monotonic()
        self._settling.forget(path)
        self._decided[path] = now
        for other in list(self._homes.values()):
            if other.drop.path == path and other.drop.id != drop.id:
                other.is_replaced = True
                if not other.is_busy:
                    del self._homes[other.drop.id]
        home = self._homes.setdefault(drop.id, _Home(drop))
        home.drop = drop

    def _make_room(self) -> None:
        try:
            made = make_room(self._desk)
        except CuesmithError as error:
            logger(__name__).warning("no room could be made", what=error.what)
        else:
            if made:
                logger(__name__).info("let go of delivered jobs to make room", jobs=made)
                self._full_until_s = 0.0
                self.wake.set()

    # Bringing home -------------------------------------------------------------------------------

    def _bring_home(self, now_s: float) -> None:
        self._next_jobs_s = now_s + _JOBS_S
        homes = [home for home in self._homes.values() if not home.is_busy and home.not_before_s <= now_s]
        asked = [home.drop.job_id for home in homes if home.drop.state == TAKEN and home.drop.job_id is not None]
        ends = self._desk.ledger.ends(list(dict.fromkeys(asked))) if asked else {}
        for home in homes:
            end = ends.get(home.drop.job_id or "") if home.drop.state == TAKEN else None
            if home.drop.state == TAKEN and (end is None or end.state not in states.ENDED):
                continue
            home.is_busy = True
            future = self._pools[1].submit(come_home, self._desk, self._config, home.drop, end)
            self._coming[home.drop.id] = future
            future.add_done_callback(lambda _: self.wake.set())

    def _came(self, came: Came, now_s: float) -> None:
        home = self._homes[came.drop.id]
        home.is_busy = False
        if home.is_replaced:
            del self._homes[came.drop.id]
            return
        if came.kind == "waiting":
            self._tell.trouble(str(came.drop.path), came.reason)
            home.not_before_s = now_s + _AGAIN_S[min(home.tries, len(_AGAIN_S) - 1)]
            home.tries += 1
            return
        self._tell.over(str(came.drop.path))
        self._moved_s = now_s
        self._next_jobs_s = 0.0
        if came.kind in ("tidied", "expired"):
            del self._homes[came.drop.id]
            if came.kind == "expired":
                self._decided.pop(came.drop.path, None)
                self._is_hinted = True
            return
        if came.result is not None:
            self._tell.scored(came.drop.path, came.result)
            home.drop = replace(home.drop, state=SCORED)
        else:
            self._tell.refused(came.drop.path, came.reason)
            home.drop = replace(home.drop, state=REFUSED, reason=came.reason)

    # Beside --------------------------------------------------------------------------------------

    def _chores(self) -> None:
        try:
            self._desk.reception.sweep()
            self._desk.ledger.prune()
        except CuesmithError as error:
            logger(__name__).warning("a chore of the watch broke", what=error.what)

    def _pause_s(self, now_s: float) -> float:
        due = [self._soonest_look_s if self._is_hinted else self._next_look_s]
        if self._homes:
            due.append(now_s + _JOBS_S)
        if self._settling.unsettled():
            due.append(self._next_young_s)
        soonest = self._settling.next_s()
        if soonest is not None and not self._taking and self._has_room():
            due.append(max(soonest, self._full_until_s))
        return max(_STEP_S, min(due) - now_s)
