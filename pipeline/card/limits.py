"""The table of checks, data/checks/: what each row is called, what it may measure, and who says so."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from pipeline.card.row import Row, Status

FAMILIES = ("sync", "seams", "kept", "following", "dialogue", "delivery", "shape", "safety")  # in the card's order

Better = Literal["low", "high", "info"]


@dataclass(frozen=True, slots=True)
class Limit:
    """A row's name and thresholds.

    better: "low": passes up to `good`, warns up to `bad`, fails beyond; "high": the other way round; "info": not
    judged. allowed: for people. advice: one sentence with {value}, {cue} and whatever else its row has to say. remedy:
    "compose" where another take of the cue may mend it. of_take: whether a take by itself can be judged by it.
    """

    id: str
    name: str
    unit: str
    better: Better
    source: str
    allowed: str
    advice: str
    good: float = math.nan
    bad: float = math.nan
    remedy: str = ""
    of_take: bool = False

    def status_of(self, value: float, good: float, bad: float) -> Status:
        """pass, warn, fail or info."""
        if self.better == "info":
            return "info"
        if math.isnan(value):
            return "not measurable"
        sign = 1 if self.better == "low" else -1
        if sign * value <= sign * good:
            return "pass"
        return "warn" if sign * value <= sign * bad else "fail"


@cache
def limits() -> Mapping[str, Limit]:
    """Every row by its id, in the card's order."""
    folder = resources.files("pipeline").joinpath("data/checks")
    tables = [tomllib.loads(folder.joinpath(f"{family}.toml").read_text("utf-8")) for family in FAMILIES]
    return {name: Limit(id=name, **row) for table in tables for name, row in table.items()}


def judged(
    name: str,
    value: float | None,
    *,
    at_s: float | None = None,
    cue: str = "",
    good: float | None = None,
    bad: float | None = None,
    allowed: str | None = None,
    most: Status = "fail",
    detail: Mapping[str, Any] | None = None,
    **said: Any,
) -> Row:
    """A row with its status. value None or NaN: not measurable.

    good, bad, allowed: in place of the table's, where what is allowed depends on the job. most: the worst it may be
    called, "warn" where the reading itself is unsure. said: for the advice's placeholders.
    """
    limit = limits()[name]
    if value is None or math.isnan(value):
        return unmeasured(name, cue=cue, detail=detail, **said)
    status = limit.status_of(value, limit.good if good is None else good, limit.bad if bad is None else bad)
    if status == "fail" and most == "warn":
        status = "warn"
    advice = limit.advice.format(value=value, cue=cue, **said) if status in ("warn", "fail") else ""
    shown = limit.allowed if allowed is None else allowed
    return Row(name, limit.name, value, limit.unit, shown, limit.source, status, at_s, cue, advice, detail or {})


def unmeasured(name: str, why: str = "", *, cue: str = "", detail: Mapping[str, Any] | None = None, **_: Any) -> Row:
    """A row that could not be measured, and why, one sentence."""
    limit = limits()[name]
    shown, source = limit.allowed, limit.source
    return Row(name, limit.name, None, limit.unit, shown, source, "not measurable", None, cue, why, detail or {})
