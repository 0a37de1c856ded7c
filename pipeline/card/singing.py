"""Voices in instrumental music (row G4)."""

from __future__ import annotations

from pipeline.card.evidence import Evidence
from pipeline.card.row import Row


def singing_rows(evidence: Evidence) -> list[Row]:
    """One row per film, of its worst cue."""
    return []
