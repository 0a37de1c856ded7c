"""What is done to a film, how much of it, and which row is to notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from faults.base import Base, Spoilt

SIZES = ("0.5", "1.5", "3")  # times the threshold
YES_NO = ("absent", "present")


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault. row: the id of the one that is meant to catch it; several where each alone would do.

    sizes: for a film, what is done at each of SIZES or YES_NO, in `unit`; empty where the film has no place for it.
    spoil: does it; None: it cannot be done there. caught: the sizes at which it must be noticed. through: the suffix of
    the file that it has to survive in ("" where any does).
    """

    name: str
    rows: tuple[str, ...]
    unit: str
    sizes: Callable[[Base], Mapping[str, float]]
    spoil: Callable[[Base, float], Spoilt]
    caught: tuple[str, ...] = ("1.5", "3", "present")
    through: str = ""


def times(threshold: Callable[[Base], float | None]) -> Callable[[Base], Mapping[str, float]]:
    """Half, one and a half and three times a threshold."""

    def sizes(base: Base) -> Mapping[str, float]:
        edge = threshold(base)
        return {} if edge is None else {size: float(size) * edge for size in SIZES}

    return sizes


def yes_no(place: Callable[[Base], object] = lambda base: True) -> Callable[[Base], Mapping[str, float]]:
    """Absent and present, where the film has a place for it."""
    return lambda base: {"absent": 0.0, "present": 1.0} if place(base) else {}
