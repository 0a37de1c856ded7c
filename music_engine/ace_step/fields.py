"""Checked reading of a part's `config.json`: unknown keys are passed over, absurd values are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scoring.errors import CheckpointRefused

# Far above any published model, far below what would keep a machine busy building modules nobody has weights for.
MAX_SIZE = 1 << 20
MAX_ENTRIES = 64
MAX_LAYERS = 256
_MAX_NUMBER = 1e9  # rotary bases are among the numbers
_ADVICE = "Take the config.json that came with the weights"

_LAYER_KEYS = ("num_layers", "num_blocks", "depths", "encoder_layers_per_block", "decoder_layers_per_block")


def refuse_absurd(found: Mapping[str, Any], where: str) -> None:
    """Raises CheckpointRefused for a number or a list, at any depth, that no model has; before anything is built."""
    fields = Fields(found, where)
    for key, value in found.items():
        if isinstance(value, Mapping):
            refuse_absurd(value, f"{where}: {key}")
            continue
        _refuse_absurd_value(fields, key, value, MAX_LAYERS if key in _LAYER_KEYS else _MAX_NUMBER)


def _refuse_absurd_value(fields: Fields, key: str, value: object, at_most: float) -> None:
    if isinstance(value, list | tuple):
        if len(value) > MAX_ENTRIES:
            raise fields.refused(key, f"{len(value)} entries", f"at most {MAX_ENTRIES}")
        for one in value:
            _refuse_absurd_value(fields, key, one, at_most)
    elif isinstance(value, int | float) and not abs(value) <= at_most:
        raise fields.refused(key, value, f"at most {at_most:g}")


class Fields:
    """One configuration. where: what a message calls it ("the vocoder's config")."""

    def __init__(self, found: Mapping[str, Any], where: str) -> None:
        self._found = found
        self._where = where

    def refused(self, key: str, found: object, allowed: str) -> CheckpointRefused:
        """The error for a value that cannot be."""
        return CheckpointRefused(f"{self._where}: {key} is {found!r}, allowed: {allowed}", _ADVICE)

    def count(self, key: str, *, at_most: int = MAX_SIZE) -> int:
        """A whole number from 1. Raises CheckpointRefused."""
        return self._count(key, self._get(key), 1, at_most)

    def counts(self, key: str, *, at_least: int = 1, at_most: int = MAX_SIZE) -> tuple[int, ...]:
        """A list of whole numbers. Raises CheckpointRefused."""
        return tuple(self._count(key, value, at_least, at_most) for value in self._list(key, self._get(key)))

    def tables(self, key: str, *, at_most: int = MAX_SIZE) -> tuple[tuple[int, ...], ...]:
        """A list of lists of whole numbers, any of which may be empty. Raises CheckpointRefused."""
        rows = self._list(key, self._get(key))
        return tuple(tuple(self._count(key, v, 1, at_most) for v in self._list(key, row, empty=True)) for row in rows)

    def number(self, key: str) -> float:
        """A number from 0 to MAX_SIZE. Raises CheckpointRefused."""
        value = self._get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_SIZE:
            raise self.refused(key, value, f"a number from 0 to {MAX_SIZE}")
        return float(value)

    def among(self, key: str, allowed: tuple[str, ...]) -> str:
        """One of the words. Raises CheckpointRefused."""
        value = self._get(key)
        if not isinstance(value, str) or value not in allowed:
            raise self.refused(key, value, ", ".join(allowed))
        return value

    def words(self, key: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
        """A list of some of the words. Raises CheckpointRefused."""
        values = self._list(key, self._get(key))
        for value in values:
            if value not in allowed:
                raise self.refused(key, value, ", ".join(allowed))
        return tuple(values)

    def _get(self, key: str) -> Any:
        if key not in self._found:
            raise self.refused(key, None, "a value; the key is missing")
        return self._found[key]

    def _list(self, key: str, value: object, *, empty: bool = False) -> list[Any]:
        if not isinstance(value, list | tuple) or len(value) > MAX_ENTRIES or not (value or empty):
            raise self.refused(key, value, f"a list of at most {MAX_ENTRIES}")
        return list(value)

    def _count(self, key: str, value: object, at_least: int, at_most: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not at_least <= value <= at_most:
            raise self.refused(key, value, f"whole numbers from {at_least} to {at_most}")
        return value
