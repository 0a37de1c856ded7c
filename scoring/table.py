"""Strict reading of a TOML or JSON table into a frozen dataclass: its annotations are the schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from scoring.errors import StyleError

T = TypeVar("T")
Reader = Callable[[object, str], Any]


def read_table(table: object, kind: type[T], where: str, readers: Mapping[type, Reader]) -> T:
    """A `kind` from a table, every field checked.

    where: what a message calls the table. readers: for types that are neither plain nor dataclasses of fields.
    A number's limits stand in the field's metadata as "range". Raises StyleError for a field that is unknown,
    missing, of the wrong type or out of range.
    """
    if not isinstance(table, dict):
        raise StyleError.field(where, table, "a table")
    known: dict[str, Field[Any]] = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    for name in table:
        if name not in known:
            raise StyleError.field(f"{where}: {name}", table[name], f"only these fields: {', '.join(known)}")
    hints = get_type_hints(kind)
    values = {}
    for name, spec in known.items():
        if name in table:
            values[name] = _read_value(table[name], hints[name], f"{where}: {name}", readers)
            _check_range(values[name], spec, f"{where}: {name}")
        elif spec.default is MISSING and spec.default_factory is MISSING:
            raise StyleError.missing(where, name)
    return kind(**values)


def _read_value(value: object, hint: Any, where: str, readers: Mapping[type, Reader]) -> Any:
    if hint in readers:
        return readers[hint](value, where)
    if is_dataclass(hint):
        return read_table(value, hint, where, readers)  # type: ignore[arg-type]
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise StyleError.field(where, value, "a list")
        return tuple(_read_value(v, get_args(hint)[0], f"{where}[{i}]", readers) for i, v in enumerate(value))
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise StyleError.field(where, value, ", ".join(get_args(hint)))
        return value
    return _read_plain(value, hint, where)


def _read_plain(value: object, hint: Any, where: str) -> Any:
    if get_origin(hint) in (Union, UnionType):
        raise TypeError(f"{where}: a union has no reader")
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not hint:
        names = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
        raise StyleError.field(where, value, names[hint])
    return value


def _check_range(value: object, spec: Field[Any], where: str) -> None:
    if "range" in spec.metadata and isinstance(value, int | float):
        low, high = spec.metadata["range"]
        if not low <= value <= high:
            raise StyleError.field(where, value, f"{low:g} to {high:g}")
