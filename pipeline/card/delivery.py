"""What is delivered: loudness, peaks, clipping, spectrum, stereo, hum, length, offset (rows F, G2, H1)."""

from __future__ import annotations

from pipeline.card.evidence import Evidence
from pipeline.card.row import Row


def delivery_rows(evidence: Evidence) -> list[Row]:
    """The rows of the finished file."""
    return []
