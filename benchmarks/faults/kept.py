"""Evidence on disk, field by field, so that a field more or less elsewhere does not shift the others."""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from pipeline.card.evidence import Evidence


class Stale(Exception):
    """Something is read of a film today that was not when this was kept."""


def keep(path: Path, evidence: Evidence) -> None:
    """Write it, whole or not at all."""
    part = path.with_suffix(".part")
    held = io.BytesIO()
    _Pickler(held).dump(evidence)
    part.write_bytes(held.getvalue())
    part.rename(path)


def kept(path: Path) -> Evidence:
    """Read it. Raises Stale."""
    try:
        evidence: Evidence = pickle.loads(path.read_bytes())
    except TypeError as error:
        raise Stale(f"{path}: {error}; read it again with benchmarks/clean_set.py --again") from error
    return evidence


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            return rebuilt, (type(value), {field.name: getattr(value, field.name) for field in fields(value)})
        return NotImplemented


def rebuilt(kind: type, values: Mapping[str, Any]) -> Any:
    """A dataclass from its fields by name; those it no longer has are left out."""
    names = {field.name for field in fields(kind)}
    return kind(**{name: value for name, value in values.items() if name in names})
