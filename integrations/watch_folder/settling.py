"""Waiting until files stand still: pure, the time is the caller's (seconds that never go back)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PAUSES_S = (2.0, 5.0, 10.0, 20.0, 30.0, 60.0)  # between two tries with a film that is not whole yet


@dataclass(slots=True)
class _Moving:
    identity: str
    since_s: float  # when this identity was seen first
    seen_s: float
    looks: int
    tries: int
    not_before_s: float
    is_held: bool  # somebody is at work with it: it is watched and not offered
    age_s: float  # how long it had been still before the first look
    is_told: bool = False  # that it stands still


class Settling:
    """Files that are watched until their identity was the same at `looks` looks or more, over `settle_s` or longer."""

    def __init__(self, settle_s: float, looks: int) -> None:
        self._settle_s, self._looks = settle_s, looks
        self._moving: dict[Path, _Moving] = {}

    def __len__(self) -> int:
        return len(self._moving)

    def __contains__(self, path: Path) -> bool:
        return path in self._moving

    def saw(self, path: Path, identity: str, now_s: float, age_s: float = 0.0) -> bool:
        """Say what a look found; whether it has changed, or is new. age_s: how long it was still before, if known."""
        known = self._moving.get(path)
        if known is not None and known.identity == identity:
            if now_s > known.seen_s:
                known.looks += 1
                known.seen_s = now_s
            return False
        is_held = known is not None and known.is_held
        self._moving[path] = _Moving(identity, now_s, now_s, 1, 0, now_s, is_held, 0.0 if known else max(0.0, age_s))
        return True

    def forget(self, path: Path) -> None:
        """It is gone, or settled for good."""
        self._moving.pop(path, None)

    def paths(self) -> list[Path]:
        """Everything that is watched."""
        return list(self._moving)

    def identity(self, path: Path) -> str:
        """The one seen last."""
        return self._moving[path].identity

    def still_s(self, path: Path, now_s: float) -> float:
        """How long it has not changed."""
        moving = self._moving[path]
        return moving.age_s + (now_s - moving.since_s)

    def hold(self, path: Path) -> None:
        """Somebody is at work with it."""
        self._moving[path].is_held = True

    def release(self, path: Path, now_s: float, pause_s: float | None = None) -> None:
        """Nobody is any more; it is offered again after a pause, by itself growing from try to try."""
        moving = self._moving.get(path)
        if moving is None:
            return
        moving.is_held = False
        grown_s = _PAUSES_S[min(moving.tries, len(_PAUSES_S) - 1)]
        moving.not_before_s = now_s + (grown_s if pause_s is None else pause_s)
        moving.tries += 1

    def settled(self, now_s: float) -> Iterator[Path]:
        """Those that stand still and that nobody is at work with."""
        for path, moving in self._moving.items():
            if not moving.is_held and moving.looks >= self._looks and self._due_s(moving) <= now_s:
                yield path

    def newly_settled(self, now_s: float) -> list[Path]:
        """Those that stand still and were not among these before, or have changed since."""
        fresh = [path for path in self.settled(now_s) if not self._moving[path].is_told]
        for path in fresh:
            self._moving[path].is_told = True
        return fresh

    def unsettled(self) -> bool:
        """Whether something has not stood still for long enough."""
        return any(self._is_young(moving) for moving in self._moving.values())

    def young(self) -> list[Path]:
        """Those that have not stood still for long enough: they are to be looked at again soon."""
        return [path for path, moving in self._moving.items() if self._is_young(moving)]

    def next_s(self) -> float | None:
        """When the next one may be settled, looks aside; None when none is watched that nobody is at work with."""
        return min((self._due_s(moving) for moving in self._moving.values() if not moving.is_held), default=None)

    def _due_s(self, moving: _Moving) -> float:
        return max(moving.since_s + self._settle_s, moving.not_before_s)

    def _is_young(self, moving: _Moving) -> bool:
        return moving.looks < self._looks or moving.seen_s < moving.since_s + self._settle_s
