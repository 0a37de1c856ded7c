"""Reads the fields of one JSON object that a person may have edited; every refusal names cue, field and value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from scoring.errors import CueSheetError

DECIMALS = 6  # microseconds; a bar line after an hour is still within a tenth of a millisecond


class Fields:
    """One object of the cue sheet, read field by field; what nobody read is kept as `extra`.

    where: the cue ("cue 1m2") or part of the sheet, for messages. path: what stands before a field's name in them.
    """

    def __init__(self, value: object, where: str, path: str = "") -> None:
        if not isinstance(value, dict):
            raise CueSheetError.field(where, path.rstrip(".") or "its text", value, 'an object, {"field": value, …}')
        self.where = where
        self._values: dict[str, Any] = value
        self._path = path
        self._known: set[str] = set()

    def refuse(self, name: str, allowed: str) -> CueSheetError:
        """The error for a field that was read but does not fit."""
        return CueSheetError.field(self.where, self._path + name, self._values.get(name), allowed)

    def is_given(self, name: str) -> bool:
        """Whether the field is there; null counts as left out."""
        self._known.add(name)
        return self._values.get(name) is not None

    def number(self, name: str, low: float, high: float, default: float | None = None) -> float:
        """A number from low to high, to DECIMALS. Required unless there is a default."""
        if not self._is_required(name, f"a number, {low:g} to {high:g}", default is not None):
            assert default is not None
            return default
        value = as_number(self._values[name])
        if value is None or not low <= value <= high:
            raise self.refuse(name, f"a number, {low:g} to {high:g}")
        return value

    def whole(self, name: str, low: int, high: int, default: int) -> int:
        """A whole number from low to high."""
        if not self.is_given(name):
            return default
        value = self._values[name]
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.refuse(name, f"a whole number, {low} to {high}")
        return value

    def text(self, name: str, default: str | None = None, allowed: str = "text in quotes") -> str:
        """A string, as it is. Required unless there is a default."""
        if not self._is_required(name, allowed, default is not None):
            assert default is not None
            return default
        value = self._values[name]
        if not isinstance(value, str):
            raise self.refuse(name, allowed)
        return value

    def choice(self, name: str, allowed: Sequence[str], default: str) -> str:
        """One of a list of words."""
        value = self.text(name, default, "one of " + ", ".join(allowed))
        if value not in allowed:
            raise self.refuse(name, "one of " + ", ".join(allowed))
        return value

    def flag(self, name: str) -> bool:
        """true or false; false when left out."""
        if not self.is_given(name):
            return False
        if not isinstance(self._values[name], bool):
            raise self.refuse(name, "true or false")
        return bool(self._values[name])

    def items(self, name: str, *, is_required: bool = False) -> list[Any]:
        """A list; empty when left out."""
        if not self._is_required(name, "a list, […]", not is_required):
            return []
        value = self._values[name]
        if not isinstance(value, list):
            raise self.refuse(name, "a list, […]")
        return value

    def pairs(self, name: str, allowed: str) -> list[tuple[float, float]]:
        """A list of pairs of numbers, [[a, b], …]; empty when left out."""
        found = []
        for index, item in enumerate(self.items(name)):
            numbers = [as_number(n) for n in item] if isinstance(item, list) else []
            first, second = numbers if len(numbers) == 2 else (None, None)
            if first is None or second is None:
                raise CueSheetError.field(self.where, f"{self._path}{name}[{index}]", item, allowed)
            found.append((first, second))
        return found

    def inner(self, name: str) -> Fields:
        """An object within this one; as if it were empty when left out."""
        value = self._values[name] if self.is_given(name) else {}
        return Fields(value, self.where, f"{self._path}{name}.")

    def extra(self) -> Mapping[str, Any]:
        """Everything nobody asked for, as it stands."""
        kept = {name: value for name, value in self._values.items() if name not in self._known}
        for name, value in kept.items():
            _refuse_infinite(value, self.where, self._path + name)
        return kept

    def _is_required(self, name: str, allowed: str, has_default: bool) -> bool:
        """Whether the value is there to be read; raises where it must be and is not."""
        if self.is_given(name):
            return True
        if has_default:
            return False
        if name in self._values:
            raise self.refuse(name, allowed)
        raise CueSheetError(f"{self.where}: {self._path}{name} is missing", f"Allowed: {allowed}")


def as_number(value: object) -> float | None:
    """A finite JSON number to DECIMALS, or None for anything else; true and false are not numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return round(number, DECIMALS) if math.isfinite(number) else None


def _refuse_infinite(value: object, where: str, path: str) -> None:
    """NaN and infinities are no JSON, in fields nobody knows either."""
    if isinstance(value, float) and not math.isfinite(value):
        raise CueSheetError.field(where, path, value, "a finite number")
    if isinstance(value, dict):
        for name, inner in value.items():
            _refuse_infinite(inner, where, f"{path}.{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _refuse_infinite(inner, where, f"{path}[{index}]")
