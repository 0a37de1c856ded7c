"""What the plan asks of each cue, kept or not (rows C)."""

from __future__ import annotations

from pipeline.card.evidence import Evidence
from pipeline.card.row import Row
from pipeline.card.tempo import tempo_rows
from pipeline.card.tonality import key_rows


def kept_rows(evidence: Evidence) -> list[Row]:
    """Tempo and key."""
    return [*tempo_rows(evidence), *key_rows(evidence)]
