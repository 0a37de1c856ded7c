"""What goes into a child process and what comes out: plain values, picklable, without a database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

UNIT_KINDS = ("fetch", "analyse", "spot", "compose", "finish", "music")


@dataclass(frozen=True, slots=True)
class Task:
    """One attempt at one unit.

    kind: of UNIT_KINDS. name: the cue's id with its take ("1m2", "1m2@2" of take 2), "" for other kinds.
    token: the fencing token; every file of this attempt lies under `prefix`, which holds it, so that two attempts never
    write to the same place. order: the job's, as JSON. source: of the film, {"key", "sha256", "size_bytes", "name"}, or
    {"url"} before it is fetched; None for a job without a film. payload: the unit's own, as planned.
    done: outcomes of the units this one builds on, "kind" or "kind:name" → Outcome.to_json().
    """

    unit_id: str
    job_id: str
    tenant: str
    kind: str
    name: str
    token: int
    attempt: int
    prefix: str
    order: Mapping[str, Any]
    source: Mapping[str, Any] | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    done: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class File:
    """A file that an attempt has put into the storage. name: unique within its unit, and what people see of it.

    shown: whether it becomes an artefact of the job, to be downloaded; False for what only later units read.
    """

    name: str
    key: str
    size_bytes: int
    sha256: str
    media_type: str
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A unit that is to follow. name: as Task's. key: of its content: the same key, the same result; "" for none.

    batch_key: cues with the same one can be composed together by one engine call; "" for alone.
    """

    kind: str
    name: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    batch_key: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt made. facts: JSON, kept with the unit. steps: only the spotting knows what is to be composed."""

    files: tuple[File, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values; from_json reads them."""
        return {"files": [asdict(file) for file in self.files], "facts": dict(self.facts)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Outcome:
        """What to_json wrote. Steps are not kept: they have become rows."""
        return cls(tuple(File(**row) for row in document["files"]), document["facts"])

    def file(self, name: str) -> File:
        """The file of that name. Raises KeyError."""
        for file in self.files:
            if file.name == name:
                return file
        raise KeyError(name)


class Tell(Protocol):
    """How a child says how it is getting on."""

    def stage(self, name: str) -> Callable[[float], None]:
        """A stage begins ("analyse", "compose", "lay", "master", "deliver" …), as pipeline.wish.Observer has it."""
        ...

    def note(self, text: str) -> None:
        """Something the user should know."""
        ...
