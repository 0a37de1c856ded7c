"""What is never delivered (rows S1)."""

from __future__ import annotations

from pipeline.card.evidence import Evidence
from pipeline.card.row import Row


def safety_rows(evidence: Evidence) -> list[Row]:
    """Spikes, tones nobody hears, over-level runs."""
    return []
