"""Which units this worker holds, shared between the slots that do them and the pulse that keeps them."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from integrations.jobs.claiming import Lease
from integrations.jobs.leasing import Held


class Board:
    """The leases of one worker; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, Lease] = {}
        self._lost: set[Held] = set()
        self._hands: dict[int, int] = {}

    def put(self, leases: Iterable[Lease]) -> None:
        """From now on they are renewed."""
        with self._lock:
            self._held |= {lease.unit_id: lease for lease in leases}

    def take(self, leases: Iterable[Lease]) -> None:
        """They are no longer ours to renew."""
        with self._lock:
            for lease in leases:
                if self._held.get(lease.unit_id) is lease:
                    del self._held[lease.unit_id]
                self._lost.discard((lease.unit_id, lease.token))

    def held(self) -> list[Held]:
        """Every unit on the board with its token."""
        with self._lock:
            return [(lease.unit_id, lease.token) for lease in self._held.values()]

    def keep_only(self, asked: Iterable[Held], mine: set[str]) -> None:
        """Of those that were asked about, only `mine` are still ours."""
        with self._lock:
            self._lost |= {held for held in asked if held[0] not in mine}

    def has_lost(self, lease: Lease) -> bool:
        """Whether somebody took a unit away: it was cancelled, or our lease had lapsed."""
        with self._lock:
            return (lease.unit_id, lease.token) in self._lost

    def works_on(self, job_id: str) -> bool:
        """Whether a unit of a job is being done here."""
        with self._lock:
            return any(lease.job_id == job_id for lease in self._held.values())

    def set_hand(self, slot: int, pid: int | None) -> None:
        """Which child process a slot has."""
        with self._lock:
            if pid is None:
                self._hands.pop(slot, None)
            else:
                self._hands[slot] = pid

    def hands(self) -> set[int]:
        """The process ids of every slot's child."""
        with self._lock:
            return set(self._hands.values())
