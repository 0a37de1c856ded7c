"""Whether the beat runs on over a seam (row B4)."""

from __future__ import annotations

from pipeline.card.evidence import Evidence
from pipeline.card.row import Row


def phase_rows(evidence: Evidence) -> list[Row]:
    """One row per film, of its worst seam."""
    return []
