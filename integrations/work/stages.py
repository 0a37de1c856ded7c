"""How far a unit is, from the stages that the pipeline names while it is done."""

from __future__ import annotations

from collections.abc import Mapping

# kind → stage → the part of the unit that it is, as measured on films with the composer.
_SPANS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "finish": {
        "mix": (0.0, 0.25),
        "master": (0.25, 0.6),
        "deliver": (0.6, 0.75),
        "measure": (0.75, 0.95),
        "compare": (0.95, 1.0),
    },
}


def span_of(kind: str, stage: str) -> tuple[float, float]:
    """Where in the unit a stage begins and ends, 0..1. stage: "mix", or "mix 2/3" of the second of three takes."""
    name, _, which = stage.partition(" ")
    start, end = _SPANS.get(kind, {}).get(name, (0.0, 1.0))
    if "/" in which:
        number, count = (int(part) for part in which.split("/"))
        start, end = ((number - 1 + edge) / count for edge in (start, end))
    return start, end
