"""How much the music repeats itself (row G3)."""

from __future__ import annotations

from pipeline.card.evidence import Evidence
from pipeline.card.row import Row


def repetition_rows(evidence: Evidence) -> list[Row]:
    """One row per film, of its worst cue."""
    return []
