"""Whether the music follows the film (rows D)."""

from __future__ import annotations

from pipeline.card.evidence import Evidence
from pipeline.card.row import Row


def following_rows(evidence: Evidence) -> list[Row]:
    """Emotion and dynamics."""
    return []
