"""The music's shape: gaps, tails, repetition, voices (rows G)."""

from __future__ import annotations

from pipeline.card.evidence import Evidence
from pipeline.card.gaps import gap_rows
from pipeline.card.repetition import repetition_rows
from pipeline.card.row import Row
from pipeline.card.singing import singing_rows


def shape_rows(evidence: Evidence) -> list[Row]:
    """What can be heard without knowing the film."""
    return [*gap_rows(evidence), *repetition_rows(evidence), *singing_rows(evidence)]
