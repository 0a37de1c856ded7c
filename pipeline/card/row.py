"""One row of the report card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

# info: told without judging it. A row that could not be measured is never a pass.
Status = Literal["pass", "warn", "fail", "info", "not measurable"]


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, beside what is allowed.

    id: of data/checks/ ("B1"). value: None where it could not be measured, in `unit`. allowed: the threshold, for
    people. source: where the threshold comes from. at_s: the film time it points at. cue: the cue to blame, "" for the
    whole film. advice: one sentence: what it means and what to do; "" where all is well. detail: other figures of it.
    """

    id: str
    name: str
    value: float | None
    unit: str
    allowed: str
    source: str
    status: Status
    at_s: float | None = None
    cue: str = ""
    advice: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
