"""What is to be done for a job, and in what order: pure, without a database.

score        fetch? → analyse → spot → compose (one per cue, any order) → finish
spot         fetch? → analyse → spot
analyse      fetch? → analyse
compose_cue  compose
music        music
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from integrations.jobs.orders import Order
from integrations.work.task import Outcome, Step
from pipeline.listen import ANALYSIS_VERSION

# The share of a job's time that each kind of unit takes, about, as measured on films with the composer; for progress.
_SHARES: Mapping[str, Mapping[str, float]] = {
    "score": {"fetch": 0.05, "analyse": 0.35, "spot": 0.02, "compose": 0.33, "finish": 0.25},
    "spot": {"fetch": 0.1, "analyse": 0.85, "spot": 0.05},
    "analyse": {"fetch": 0.1, "analyse": 0.9},
    "compose_cue": {"compose": 1.0},
    "music": {"music": 1.0},
}
RANKS: Mapping[str, int] = {"fetch": 0, "analyse": 1, "spot": 2, "compose": 3, "music": 3, "finish": 4}
_GPU_ENGINES = ("ace-step-v1", "ace-step-base")


def first_steps(order: Order, source: Mapping[str, Any] | None) -> tuple[Step, ...]:
    """The units a job begins with. source: its film, None for a job without one."""
    if order.kind == "music":
        return (Step("music"),)
    if order.kind == "compose_cue":
        return (Step("compose", order.cue),)
    assert source is not None
    return (Step("fetch"),) if "url" in source else (_analyse(order, source),)


def following(order: Order, kind: str, outcome: Outcome, source: Mapping[str, Any] | None) -> tuple[Step, ...]:
    """What follows a unit of that kind, once all others of its kind are done too; nothing when the job is complete.

    source: the film, after the unit.
    """
    if kind == "fetch":
        assert source is not None
        return (_analyse(order, source),)
    if kind == "analyse" and order.kind != "analyse":
        return (Step("spot"),)
    if kind == "spot" and order.kind == "score":
        return outcome.steps or (Step("finish"),)
    if kind == "compose" and order.kind == "score":
        return (Step("finish"),)
    return ()


def queue_of(step: Step, order: Order) -> str:
    """Which workers may do a unit."""
    if step.kind == "fetch":
        return "fetch"
    if step.kind in ("compose", "music"):
        return "gpu" if order.wish.get("engine") in _GPU_ENGINES else "compose"
    return "media"


def share_done(order: Order, rows: Mapping[str, tuple[int, float]]) -> float:
    """How much of a job is done, 0..1. rows: kind → (number of units, sum of their progress)."""
    shares = _SHARES[order.kind]
    has_fetch = "fetch" in rows
    total = sum(share for kind, share in shares.items() if kind != "fetch" or has_fetch)
    done = sum(shares.get(kind, 0.0) * progress / count for kind, (count, progress) in rows.items() if count)
    return min(1.0, done / total)


def _analyse(order: Order, source: Mapping[str, Any]) -> Step:
    """The same film, read the same way: the same analysis."""
    read_by = [order.wish.get("analyser"), order.texts.get("vocabulary")]
    return Step("analyse", key=digest(["analyse", ANALYSIS_VERSION, _code(), source["sha256"], read_by]))


def digest(value: object) -> str:
    """SHA-256 of a JSON-able value, hexadecimal: for keys of content that outlive one machine."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _code() -> str:
    try:
        return version("cuesmith")
    except PackageNotFoundError:
        return "unknown"
