"""Where two cues meet (rows B)."""

from __future__ import annotations

from pipeline.card.evidence import Evidence
from pipeline.card.row import Row


def seam_rows(evidence: Evidence) -> list[Row]:
    """One row of each kind per film, of its worst seam."""
    return []
