"""A slot: claims units, has its child process do them, and answers for them to the database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from integrations.jobs import states
from integrations.jobs.claiming import Lease, claim, company
from integrations.jobs.database import Database
from integrations.jobs.leasing import Held, fail, finish, release, tell_progress
from integrations.service.logs import logger
from integrations.service.settings import ServiceSettings
from integrations.work import family
from integrations.work.board import Board
from integrations.work.hand import Answer, Hand, answer_of
from integrations.work.stages import span_of
from integrations.work.task import Outcome
from scoring.errors import CapacityError, CuesmithError, TookTooLong, WorkerLost

_HEAR_S = 0.2
_TELL_S = 0.5  # between two rows of progress
_GATHER_STEP_S = 0.1
_AGAIN_S = 1.0  # between two tries to publish


@dataclass(slots=True)
class Bell:
    """What a slot waits on. rung: there may be work. draining: take no more. hurrying: let go of what is being done."""

    rung: threading.Event = field(default_factory=threading.Event)
    draining: threading.Event = field(default_factory=threading.Event)
    hurrying: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the slots of a worker share. clean: removes what an attempt left; tidy: what a job left on this machine."""

    database: Database
    settings: ServiceSettings
    owner: str
    queues: tuple[str, ...]
    board: Board
    bell: Bell
    clean: Callable[[str], None]
    tidy: Callable[[str], None]
    ring: Callable[[str], None]


class Slot(threading.Thread):
    """One unit at a time, or one batch of cues that are made together."""

    def __init__(self, number: int, around: Surroundings) -> None:
        super().__init__(name=f"slot-{number}", daemon=True)
        self._number = number
        self._around = around
        self._hand: Hand | None = None
        self._leases: list[Lease] = []
        self._has_stumbled = False
        self._log = logger(__name__).bind(worker=around.owner, slot=number)

    def run(self) -> None:
        """Until the worker drains."""
        around = self._around
        bell, patience = around.bell, around.settings.patience
        while not bell.draining.is_set():
            try:
                if self._has_stumbled:
                    self._drop_hand()
                    self._has_stumbled = False
                # Before there is work: its first unit need not wait, and what cannot be done here is left to others.
                self._warm_hand()
                self._claim()
                if self._leases:
                    self._do(self._leases)
                    continue
            except CapacityError as error:  # no database or no child; what was being done goes on when its lease lapses
                self._log.warning("cannot work now", what=error.what)
            except Exception:  # the rim of a slot: one broken unit must not end the worker; the lease lapses by itself
                self._log.exception("a slot stumbled")
                self._has_stumbled = True
            finally:
                # Whatever happened: a lease that stayed on the board would be renewed for ever, and nobody do its unit.
                around.board.take(self._leases)
                self._leases = []
            bell.rung.wait(patience.poll_s)
            bell.rung.clear()
        self._drop_hand()

    def _claim(self) -> None:
        """Take the next unit, and those that can be done with it.

        While no other work waits, a cue waits a little for its like; it never holds up what is there to be done.
        """
        around = self._around
        first = claim(around.database, around.settings, around.owner, around.queues)
        if first is None:
            return
        self._take(first)
        patience = around.settings.patience
        until_s = time.monotonic() + patience.gather_s
        # After a lost process each cue goes by itself, so that one that kills its process does not take others with it.
        alone = not first.batch_key or first.task.attempt > 1
        while not alone and len(self._leases) < patience.gather_units and not around.bell.draining.is_set():
            fits, others = company(around.database, around.queues, first.batch_key)
            if fits:
                more = claim(around.database, around.settings, around.owner, around.queues, batch_key=first.batch_key)
                if more is not None:
                    self._take(more)
            elif others or time.monotonic() >= until_s:
                break
            else:
                time.sleep(_GATHER_STEP_S)

    def _take(self, lease: Lease) -> None:
        self._leases.append(lease)
        self._around.board.put([lease])

    def _do(self, leases: Sequence[Lease]) -> None:
        around = self._around
        for lease in leases:
            self._log.info("claimed", unit=lease.unit_id, job=lease.job_id, kind=lease.task.kind, name=lease.task.name)
        try:
            hand = self._warm_hand()
            hand.give([lease.task for lease in leases])
            answers = self._follow(hand, leases)
        except CuesmithError as error:
            self._drop_hand()
            answers = [error] * len(leases)
        try:
            for lease, answer in zip(leases, answers, strict=True):
                self._settle(lease, answer)
        finally:
            around.board.take(leases)
        for job_id in {lease.job_id for lease in leases}:
            around.tidy(job_id)

    def _follow(self, hand: Hand, leases: Sequence[Lease]) -> Sequence[Answer | None]:
        """Listen to the child until it is done; None for a unit that is to be given back or is no longer ours.

        Raises WorkerLost, TookTooLong.
        """
        around, patience = self._around, self._around.settings.patience
        began_s = moved_s = time.monotonic()
        told = _Told(around.database, leases)
        while True:
            message = hand.hear(_HEAR_S)
            now_s = time.monotonic()
            if message is not None:
                moved_s = now_s
                kind, value = message
                if kind == "done":
                    return [answer_of(document) for document in value]
                if kind == "lost":
                    raise WorkerLost(
                        f"the process that did {leases[0].task.kind} {leases[0].task.name}".rstrip()
                        + f" died: {value}",
                        "Was it killed, or out of memory? The film may need a machine with more",
                    )
                told.hear(kind, value)
            told.tell(now_s)
            if all(around.board.has_lost(lease) for lease in leases) or around.bell.hurrying.is_set():
                self._drop_hand()
                return [None] * len(leases)
            if now_s - moved_s > patience.stall_s:
                raise TookTooLong(f"{leases[0].task.kind} moved nothing for {patience.stall_s:g} s", "Try again")
            if now_s - began_s > patience.unit_s:
                raise TookTooLong(f"{leases[0].task.kind} took longer than {patience.unit_s:g} s", "Try a shorter film")

    def _settle(self, lease: Lease, answer: Answer | None) -> None:
        around, held = self._around, (lease.unit_id, lease.token)
        log = self._log.bind(unit=lease.unit_id, job=lease.job_id, kind=lease.task.kind, attempt=lease.task.attempt)
        if answer is None:
            release(around.database, held)
            around.clean(lease.task.prefix)
            log.info("let go")
        elif isinstance(answer, CuesmithError):
            was_ours = fail(around.database, around.settings, held, answer)
            around.clean(lease.task.prefix)
            # Whoever took a unit over may have ended the job and tidied its folder away from under this attempt.
            log.warning("failed" if was_ours else "let go", error=type(answer).__name__, what=answer.what)
        elif self._finish(held, answer):
            log.info("done")
            for queue in ("media", "compose", "gpu"):
                around.ring(queue)
        else:
            around.clean(lease.task.prefix)
            log.info("finished too late: another has taken it over, or the job was cancelled")
        around.bell.rung.set()

    def _finish(self, held: Held, outcome: Outcome) -> bool:
        """finish, while the lease may still hold: a database that is away for a moment costs nobody's work."""
        around = self._around
        until_s = time.monotonic() + around.settings.patience.lease_s
        while True:
            try:
                return finish(around.database, around.settings, held, outcome)
            except CapacityError:
                if time.monotonic() > until_s:
                    raise
                time.sleep(_AGAIN_S)

    def _warm_hand(self) -> Hand:
        if self._hand is None or not self._hand.is_alive:
            self._drop_hand()
            self._hand = Hand(self._around.settings)
            self._around.board.set_hand(self._number, self._hand.pid)
        return self._hand

    def _drop_hand(self) -> None:
        if self._hand is not None:
            self._hand.stop()
            self._hand = None
            self._around.board.set_hand(self._number, None)
            from integrations.work.hand import server_pids

            family.end_orphans({*server_pids(), *self._around.board.hands()})


class _Told:
    """What a child said of its progress, written to the database now and then."""

    def __init__(self, database: Database, leases: Sequence[Lease]) -> None:
        self._database = database
        self._leases = leases
        self._kind = leases[0].task.kind
        self._span = (0.0, 1.0)
        self._state: str | None = None
        self._share = 0.0
        self._notes: list[str] = []
        self._is_new = False
        self._told_s = 0.0

    def hear(self, kind: str, value: object) -> None:
        """A message of the child."""
        if kind == "stage":
            name = str(value)
            self._span = span_of(self._kind, name)
            self._state = states.OF_STAGE.get(name.partition(" ")[0])
            self._told_s = 0.0
        elif kind == "share" and isinstance(value, float):
            start, end = self._span
            self._share = max(self._share, start + value * (end - start))
        elif kind == "note":
            self._notes.append(str(value)[:1000])
        self._is_new = True

    def tell(self, now_s: float) -> None:
        """Write it down, if there is anything and the last time is long enough ago."""
        if not self._is_new or now_s - self._told_s < _TELL_S:
            return
        try:
            for lease in self._leases:
                held = (lease.unit_id, lease.token)
                tell_progress(self._database, held, state=self._state, share=self._share, notes=self._notes)
        except CapacityError:  # the work goes on; it is told when the database is back
            self._told_s = now_s
            return
        self._notes, self._is_new, self._told_s, self._state = [], False, now_s, None
