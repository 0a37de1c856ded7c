"""The front door: evidence in, the rows of the report card out."""

from __future__ import annotations

from pipeline.card.delivery import delivery_rows
from pipeline.card.dialogue import dialogue_rows
from pipeline.card.evidence import Evidence
from pipeline.card.following import following_rows
from pipeline.card.kept import kept_rows
from pipeline.card.limits import limits
from pipeline.card.row import Row
from pipeline.card.safety import safety_rows
from pipeline.card.seams import seam_rows
from pipeline.card.shape import shape_rows
from pipeline.card.sync import sync_rows


def measure_card(evidence: Evidence) -> tuple[Row, ...]:
    """Every row that applies, in the table's order. What cannot be measured says why."""
    rows = [
        *sync_rows(evidence),
        *seam_rows(evidence),
        *kept_rows(evidence),
        *following_rows(evidence),
        *dialogue_rows(evidence),
        *delivery_rows(evidence),
        *shape_rows(evidence),
        *safety_rows(evidence),
    ]
    order = {name: place for place, name in enumerate(limits())}
    return tuple(sorted(rows, key=lambda row: order[row.id]))


def measure_take(evidence: Evidence) -> tuple[Row, ...]:
    """The rows by which a take can be judged before it is laid under the film. evidence: its plan is one cue."""
    rows = [*sync_rows(evidence), *kept_rows(evidence), *shape_rows(evidence), *safety_rows(evidence)]
    return tuple(row for row in rows if limits()[row.id].of_take)
