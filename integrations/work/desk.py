"""What a unit has in front of it: its task, the job's folder, the storage, and somebody to tell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from integrations.jobs.orders import Order, read_order
from integrations.storage.storage import Storage
from integrations.work.bench import Bench
from integrations.work.task import Outcome, Task, Tell
from integrations.work.wishes import wish_of
from pipeline.settings import Settings
from pipeline.wish import Wish
from scoring.errors import Cancelled, CuesmithError, EngineError


class Watched:
    """Passes on how a unit is getting on, and ends it when it is no longer wanted. An Observer of the pipeline.

    bench: whose places are not named to people. told: what they have been told by earlier units of the job.
    """

    def __init__(
        self, tell: Tell, cancelled: Callable[[], bool], bench: Bench, told: Collection[str] = frozenset()
    ) -> None:
        self._tell = tell
        self._cancelled = cancelled
        self._bench = bench
        self._told = set(told)

    def stage(self, name: str) -> Callable[[float], None]:
        """A stage begins. Raises Cancelled, as does each step of it."""
        self.check()
        advance = self._tell.stage(name)

        def step(share: float) -> None:
            self.check()
            advance(share)

        return step

    def note(self, text: str) -> None:
        """Passed on once."""
        text = without_places(text, self._bench)
        if text not in self._told:
            self._told.add(text)
            self._tell.note(text)

    def check(self) -> None:
        """Raise Cancelled when the unit is no longer wanted."""
        if self._cancelled():
            raise Cancelled("the job was stopped")


@dataclass(frozen=True, slots=True)
class Desk:
    """One task at work, with its order read."""

    task: Task
    order: Order
    wish: Wish
    bench: Bench
    storage: Storage
    settings: Settings
    tell: Tell
    cancelled: Callable[[], bool]

    @classmethod
    def of(
        cls,
        task: Task,
        bench: Bench,
        storage: Storage,
        settings: Settings,
        tell: Tell,
        cancelled: Callable[[], bool],
    ) -> Desk:
        """Raises what read_order and wish_of raise."""
        order = read_order(task.order)
        return cls(task, order, wish_of(order, bench.texts), bench, storage, settings, tell, cancelled)

    @property
    def takes(self) -> int:
        """How many scores are asked for."""
        return int(self.order.wish.get("takes", 1))

    def watched(self, *before: Outcome) -> Watched:
        """An observer that tells people nothing twice. before: outcomes of earlier units."""
        notes = [note for outcome in before for note in outcome.facts.get("notes", ())]
        return Watched(self.tell, self.cancelled, self.bench, notes)

    def before(self, kind: str, name: str = "") -> Outcome:
        """What an earlier unit made. Raises EngineError when the task lacks it, which a new attempt may mend."""
        document = self.task.done.get(f"{kind}:{name}" if name else kind)
        if document is None:
            raise EngineError(f"the unit {kind} {name} that this builds on is missing", "Try again")
        return Outcome.from_json(document)


def without_places(text: str, bench: Bench) -> str:
    """A message without this machine's folders: people know the film by its own name."""
    for path in (bench.folder / "film").glob("*"):
        text = text.replace(str(path), bench.title)
    return text.replace(f"{bench.folder}/", "")


def said(error: CuesmithError, bench: Bench) -> CuesmithError:
    """The same error without this machine's folders."""
    return type(error)(without_places(error.what, bench), without_places(error.advice, bench))


def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON keeps them: finite numbers, lists for tuples."""
    return {name: _plain(value) for name, value in facts.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not abs(value) < float("inf"):
        return None
    return value
