"""A published file that is fetched or looked for: where it is, what is known of it, how every table of them is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import PurePosixPath
from types import MappingProxyType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
P = TypeVar("P", bound="PinnedFile")
Row = Mapping[str, Any]

# What can run a program when it is opened: pickles, archives of them, and code.
UNSAFE_SUFFIXES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".msgpack", ".h5", ".zip", ".py", ".so")

_SHA256 = re.compile(r"[0-9a-f]{64}")
_REVISION = re.compile(r"[0-9a-f]{40}")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedFile:
    """One published file. None is what nobody read in a source.

    path: in the repository, and in the folder a download makes. verified: somebody compared the values with the file
    itself. source: where the values come from. sha256: 64 hex digits. revision: the commit, 40 hex digits.
    about_bytes: a size somebody rounded, for people and for room on the disk; never compared.
    """

    repository: str
    path: str
    verified: bool
    source: str
    licence: str | None = None
    revision: str | None = None
    sha256: str | None = None
    size_bytes: int | None = None
    about_bytes: int | None = None

    @property
    def expected_bytes(self) -> int | None:
        """How large it is, as well as is known."""
        return self.size_bytes if self.size_bytes is not None else self.about_bytes


def read_pin(row: Row, kind: type[P], table: str) -> P:
    """A row of published files, every field checked. kind: PinnedFile or what is made of it; table: its file's name.

    Raises ValueError with the row's field, for the table is ours and a fault in it is ours too.
    """
    pin = read_row(row, kind, table)
    check_pin(pin, table)
    return pin


def read_row(row: Row, kind: type[T], table: str, given: Row = MappingProxyType({})) -> T:
    """A dataclass of plain fields from a row: none unknown, none missing, each of its type.

    given: fields that were read elsewhere. Raises ValueError with the field.
    """
    hints = get_type_hints(kind)
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    for name, value in row.items():
        if name not in known or name in given:
            raise ValueError(f"{table}: {name} is no field; there are {', '.join(known)}")
        if not _fits(value, hints[name]):
            raise ValueError(f"{table}: {name} is {value!r}, expected {_spoken(hints[name])}")
    for name, field in known.items():
        if name not in {*row, *given} and field.default is MISSING and field.default_factory is MISSING:
            raise ValueError(f"{table}: a row has no {name}")
    return kind(**{name: _frozen(value) for name, value in row.items()}, **given)


def check_pin(pin: PinnedFile, table: str) -> None:
    """What types do not say. Raises ValueError."""
    if not _REPOSITORY.fullmatch(pin.repository):
        raise ValueError(f"{table}: repository is {pin.repository!r}, expected owner/name")
    if not is_plain_path(pin.path):
        raise ValueError(f"{table}: path is {pin.path!r}, expected one inside the repository")
    if is_unsafe(pin.path):
        raise ValueError(f"{table}: path is {pin.path!r}, which can run a program when it is opened")
    if pin.sha256 is not None and not _SHA256.fullmatch(pin.sha256):
        raise ValueError(f"{table}: sha256 is {pin.sha256!r}, expected 64 hex digits")
    if pin.revision is not None and not _REVISION.fullmatch(pin.revision):
        raise ValueError(f"{table}: revision is {pin.revision!r}, expected 40 hex digits")
    for name, size in (("size_bytes", pin.size_bytes), ("about_bytes", pin.about_bytes)):
        if size is not None and size <= 0:
            raise ValueError(f"{table}: {name} is {size}, expected more than 0")
    if pin.verified and pin.sha256 is None:
        raise ValueError(f"{table}: {pin.path} is called verified and has no sha256")


def is_plain_path(path: str) -> bool:
    """Whether a path stays in the folder it is put into, on every operating system."""
    return (
        bool(path)
        and not re.search(r"[\\:\x00-\x1f]", path)
        and all(part not in ("", ".", "..") for part in path.split("/"))
    )


def is_unsafe(path: str) -> bool:
    """Whether a file's name is of a kind that can run a program when it is opened."""
    return PurePosixPath(path.lower()).suffix in UNSAFE_SUFFIXES


def _fits(value: object, hint: Any) -> bool:
    origin = get_origin(hint)
    if origin is UnionType:
        return any(_fits(value, choice) for choice in get_args(hint))
    if origin is Literal:
        return value in get_args(hint)
    if origin is tuple:
        inner = get_args(hint)
        return isinstance(value, list) and len(value) == len(inner) and all(map(_fits, value, inner))
    return type(value) is hint


def _spoken(hint: Any) -> str:
    origin = get_origin(hint)
    if origin is UnionType:
        return " or ".join(_spoken(choice) for choice in get_args(hint) if choice is not type(None))
    if origin is Literal:
        return " or ".join(map(repr, get_args(hint)))
    if origin is tuple:
        return f"a list of {len(get_args(hint))} {_spoken(get_args(hint)[0])}"
    return str(hint.__name__)


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
