"""What every object of the stand-in shares: the count of calls, the failure that a test wants, the open dialogue."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeVar

from fake_resolve.quirks import EDITIONS, Quirks
from fake_resolve.rows import ProjectRow

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Failing:
    """Which call goes wrong, counted from 0, and how.

    refuses: not done, and says so. denies: done, and says it was not. claims: not done, and says it was.
    blocks: a dialogue opens, behind which nothing is changed any more. breaks: the call raises, as when it is stopped.
    """

    at: int
    how: str = "refuses"


@dataclass
class World:
    """The program's state. calls: (object, method, arguments) so far. modal: a dialogue is open, nothing changes."""

    quirks: Quirks = field(default_factory=Quirks)
    project: ProjectRow | None = None
    page: str | None = "edit"
    modal: bool = False
    failing: Failing | None = None
    calls: list[tuple[str, str, tuple[Any, ...]]] = field(default_factory=list)
    paints: Callable[..., None] | None = None
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def new_id(self, kind: str) -> str:
        return f"{kind}-{next(self._numbers)}"

    @property
    def product(self) -> str:
        return EDITIONS[self.quirks.edition][0]

    @property
    def version(self) -> tuple[Any, ...]:
        return EDITIONS[self.quirks.edition][1]

    @property
    def is_studio(self) -> bool:
        return self.product.endswith("Studio")


def api(
    failing: Any = None, mutates: bool = False
) -> Callable[[Callable[Concatenate[Any, P], R]], Callable[Concatenate[Any, P], R]]:
    """A method of the program's. failing: what it answers when it does not do it. Arguments by position only."""

    def decorate(method: Callable[Concatenate[Any, P], R]) -> Callable[Concatenate[Any, P], R]:
        @functools.wraps(method)
        def called(self: Any, /, *args: Any) -> Any:
            world: World = self._world
            number = len(world.calls)
            world.calls.append((type(self).__name__, method.__name__, args))
            wrong = world.failing if world.failing is not None and world.failing.at == number else None
            if wrong is not None and wrong.how == "breaks":
                raise KeyboardInterrupt
            if wrong is not None and wrong.how == "blocks":
                world.modal = True
                wrong = None
            if mutates and world.modal:
                return _copied(failing)
            if wrong is None:
                return method(self, *args)
            if mutates and wrong.how == "denies":
                method(self, *args)
            if mutates and wrong.how == "claims" and failing is False:
                return True
            return _copied(failing)

        called._is_api = True  # type: ignore[attr-defined]
        return called

    return decorate


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, (list, dict)) else value


class Thing:
    """An object of the API: a view, made anew at each call as the real program's are; only ids compare.

    Any name is answered, as the real bridge does: one that is not there is None. dir() is honest.
    """

    def __init__(self, world: World, row: Any = None) -> None:
        self._world = world
        self._row = row

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return None

    def __dir__(self) -> list[str]:
        return sorted(name for name in dir(type(self)) if getattr(getattr(type(self), name), "_is_api", False))

    def __repr__(self) -> str:
        return f"{type(self).__name__} (0x0)"
