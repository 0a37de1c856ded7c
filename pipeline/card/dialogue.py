"""Music against speech (rows E)."""

from __future__ import annotations

from pipeline.card.evidence import Evidence
from pipeline.card.row import Row


def dialogue_rows(evidence: Evidence) -> list[Row]:
    """The rows of a film in which somebody speaks; none without speech."""
    return []
