"""What a file holds against what a part needs, from the headers alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from music_engine.ace_step.checkpoint.header import Entry
from music_engine.ace_step.checkpoint.parts import Part, Shape, aliases
from music_engine.ace_step.checkpoint.weight_norm import stored_names, stored_shapes

FLOATING = ("F64", "F32", "F16", "BF16")


@dataclass(frozen=True, slots=True)
class Misfit:
    """One tensor that does not fit. found, expected: for people."""

    kind: Literal["missing", "extra", "shape", "dtype", "values"]
    key: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.key}: found {self.found}, expected {self.expected}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """plan: each needed tensor and the file's tensors that make it up. unread: what the file has and nobody needs."""

    plan: Mapping[str, tuple[str, ...]]
    unread: tuple[str, ...]
    misfits: tuple[Misfit, ...]


def compare(part: Part, needed: Mapping[str, Shape], entries: Mapping[str, Entry]) -> Comparison:
    """needed: names and shapes; entries: the file's, named as the part names them."""
    plan: dict[str, tuple[str, ...]] = {}
    misfits: list[Misfit] = []
    used: set[str] = set()
    for name, shape in needed.items():
        present = [alias for alias in aliases(name) if alias in entries]
        names = stored_names(present[0] if present else name, entries)
        plan[name] = names
        used |= {*names, *present}
        for key, expected in zip(names, stored_shapes(shape, names), strict=True):
            misfits += _misfit(key, expected, entries.get(key))
    others = sorted(set(entries) - used)
    unread = tuple(name for name in others if part.unread.fullmatch(name))
    extra = [name for name in others if name not in unread]
    misfits += [Misfit("extra", name, _shown(entries[name]), "no such tensor") for name in extra]
    return Comparison(plan, unread, tuple(misfits))


def _misfit(key: str, expected: Shape, found: Entry | None) -> list[Misfit]:
    if found is None:
        return [Misfit("missing", key, "nothing", f"shape {list(expected)}")]
    if found.shape != expected:
        return [Misfit("shape", key, f"shape {list(found.shape)}", f"{list(expected)}")]
    if found.dtype not in FLOATING:
        return [Misfit("dtype", key, f"dtype {found.dtype}", f"one of {', '.join(FLOATING)}")]
    return []


def _shown(entry: Entry) -> str:
    return f"{entry.dtype} {list(entry.shape)}"
