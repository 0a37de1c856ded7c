"""Whether the music keeps its key (row C2)."""

from __future__ import annotations

from pipeline.card.evidence import Evidence
from pipeline.card.row import Row


def key_rows(evidence: Evidence) -> list[Row]:
    """One row per film, of its worst cue."""
    return []
