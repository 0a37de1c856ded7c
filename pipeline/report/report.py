"""The report: what the finished file measures, beside what was promised, and what fell short."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pipeline.card.row import Row
from pipeline.heeding import Heed
from pipeline.sound.join import Join
from scoring.request import Attempt

SCHEMA = "cuesmith.report/2"


@dataclass(frozen=True, slots=True)
class HitRow:
    """A planned hit and the beat of the score nearest to it. error_ms: beat minus hit."""

    cue: str
    time_s: float
    weight: float
    error_ms: float
    landed: bool


@dataclass(frozen=True, slots=True)
class Report:
    """Everything measured on one run. Times are film seconds.

    dialogue: where somebody speaks, how far the music went down there, the film's own music and what was done about it.
    wishes: a row per cue of which something was asked. tried: what was composed again, a row per attempt.
    """

    checks: tuple[Row, ...]
    hits: tuple[HitRow, ...]
    dialogue: dict[str, Any]
    joins: tuple[Join, ...]
    cues: tuple[dict[str, Any], ...]
    loudness: dict[str, Any]
    losses: tuple[str, ...]
    warnings: tuple[str, ...]
    stages_s: dict[str, float]
    facts: dict[str, Any]
    wishes: tuple[Heed, ...] = ()
    tried: tuple[Attempt, ...] = ()

    @property
    def fell_short(self) -> list[Row]:
        """The rows that failed."""
        return [row for row in self.checks if row.status == "fail"]

    def to_json(self) -> dict[str, Any]:
        """A versioned document of plain, finite values."""
        document = {"schema": SCHEMA, **asdict(self), "fell_short": [row.name for row in self.fell_short]}
        plain: dict[str, Any] = finite(document)
        return plain

    def to_text(self) -> str:
        """The document as indented JSON."""
        return json.dumps(self.to_json(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def finite(value: Any) -> Any:
    """A document's values as JSON can hold them: it has no infinity, so that a level of silence becomes null."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
