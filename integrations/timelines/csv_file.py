"""A cue sheet as CSV: one row for every use of music, for spreadsheets and the programs of music departments."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from integrations.timelines.usage import Usage, UsageRow, clock_of, usage_of
from integrations.timelines.wording import line
from pipeline.publish import write_bytes

if TYPE_CHECKING:
    from pipeline.project import Project

# What spreadsheets take for a formula where a cell begins with it; the wide forms too, which some of them read alike.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_FOR_A_PERSON = (
    "Episode",
    "Composer",
    "Composer society and IPI",
    "Composer share %",
    "Publisher",
    "Publisher society and IPI",
    "Publisher share %",
)


def write_csv(project: Project, path: Path, *, start: str | None = None) -> tuple[str, ...]:
    """Write the cue sheet: RFC 4180, UTF-8 with a byte order mark, without which Excel reads it as another encoding.

    Composers, publishers and shares stay empty for a person. A text that a spreadsheet would take for a formula gets an
    apostrophe before it. start: the timecode of the first picture, "01:00:00:00"; the film's own by default.
    Returns what the sheet cannot say. Raises InputError for a start that does not fit, OutputRefused, DiskFull.
    """
    usage = usage_of(project, start)
    rows = [_cells(usage, row) for row in usage.rows]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(_cells(usage, usage.rows[0])), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    write_bytes(path, text.getvalue().encode("utf-8-sig"))
    return usage.losses


def _cells(usage: Usage, row: UsageRow) -> dict[str, str]:
    """One row's cells by the names of their columns, in order."""
    origin = row.origin
    blank = dict.fromkeys(_FOR_A_PERSON, "")
    return {
        "Production": _text(usage.production),
        "Episode": blank.pop("Episode"),
        "Cue": _text(row.number),
        "Title": _text(row.title),
        "Usage": row.usage,
        "In": row.in_label,
        "Out": row.out_label,
        "Duration": clock_of(row.duration_s),
        "In (s)": f"{row.in_s:.3f}",
        "Out (s)": f"{row.out_s:.3f}",
        "Frame rate": usage.frame_rate,
        **blank,
        "Made by": "" if origin is None else _text(f"software: {origin.name}"),
        "How": "" if origin is None else _text(origin.made),
        "Engine": "" if origin is None else _text(origin.engine),
        "Engine version": "" if origin is None else _text(origin.version),
        "Licence of the weights": "" if origin is None else _text(origin.licence or "none were used"),
        "Digital source type": "" if origin is None else origin.source_type,
        "Tempo (bpm)": "" if row.bpm is None else f"{row.bpm:.3f}",
        "Key": _text(row.key),
        "Mix loudness (LUFS)": "" if usage.loudness_lufs is None else f"{usage.loudness_lufs:.1f}",
        "Mix true peak (dBTP)": "" if usage.true_peak_dbtp is None else f"{usage.true_peak_dbtp:.1f}",
        "Note": _text(row.note),
    }


def _text(text: str) -> str:
    """A text as a cell that is nothing but text."""
    text = line(text)
    return f"'{text}" if text.startswith(_FORMULA) else text
