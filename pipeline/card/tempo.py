"""Whether the music keeps its tempo (row C1)."""

from __future__ import annotations

from pipeline.card.evidence import Evidence
from pipeline.card.row import Row


def tempo_rows(evidence: Evidence) -> list[Row]:
    """One row per film, of its worst cue."""
    return []
