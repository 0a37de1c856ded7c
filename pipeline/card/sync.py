"""Beats and accents against the planned hits (rows A)."""

from __future__ import annotations

from pipeline.card.evidence import Evidence
from pipeline.card.row import Row


def sync_rows(evidence: Evidence) -> list[Row]:
    """Sync beside chance."""
    return []
