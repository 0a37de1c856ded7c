"""An inspection as a versioned document."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pipeline.inspection.inspect import Inspected
from pipeline.report.report import finite
from pipeline.report.verdict import counted, verdict
from scoring.timebase import SAMPLE_RATE_HZ

SCHEMA = "cuesmith.inspection/1"


def document_of(inspected: Inspected) -> dict[str, Any]:
    """Plain, finite values: the rows, how many of them are of each status, and what they were measured by."""
    found = counted(inspected.rows)
    encoded, alignment, planned = inspected.evidence.encoded, inspected.alignment, inspected.planned
    document = {
        "schema": SCHEMA,
        "video": str(inspected.film.path),
        "duration_s": inspected.evidence.duration_s,
        "verdict": verdict(inspected.rows),
        "counts": {status: found[status] for status in ("pass", "warn", "fail", "info", "not measurable")},
        "fell_short": [row.id for row in inspected.failing],
        "checks": [asdict(row) for row in inspected.rows],
        "source": None if inspected.source is None else str(inspected.source),
        "source_offset_ms": None if alignment is None else 1000 * alignment.offset_samples / SAMPLE_RATE_HZ,
        "plan": None if planned is None else "workspace" if planned.project else "cue sheet",
        "speech": [[stretch.start_s, stretch.end_s] for stretch in inspected.speech],
        "loudness": None if encoded is None else asdict(encoded),
        "notes": list(inspected.notes),
    }
    plain: dict[str, Any] = finite(document)
    return plain
