"""Silence and tails (rows G1)."""

from __future__ import annotations

from pipeline.card.evidence import Evidence
from pipeline.card.row import Row


def gap_rows(evidence: Evidence) -> list[Row]:
    """One row of each kind per film."""
    return []
