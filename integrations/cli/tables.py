"""Tables for people."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from integrations.cli.text import one_line
from pipeline.report.report import Report
from scoring.cue_sheet import CueSheet
from scoring.timebase import clock

_MARKS: dict[str, str] = {
    "pass": "[green]ok[/green]  ",
    "warn": "[yellow]near[/yellow]",
    "fail": "[red]off[/red] ",
    "info": "    ",
}


def cue_table(sheet: CueSheet) -> Table:
    """The cues: id, in, out, mood, tempo, key, hits, how each ends."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("cue", "in", "out", "mood", "bpm", "key", "hits", "then"):
        table.add_column(heading, justify="right" if heading in ("in", "out", "bpm", "hits") else "left")
    for cue in sheet.cues:
        table.add_row(
            escape(one_line(cue.id)),
            clock(cue.in_s),
            clock(cue.out_s),
            escape(one_line(cue.mood)),
            f"{cue.bpm:.1f}",
            str(cue.key),
            str(len(cue.hit_points)),
            cue.transition.kind.replace("_", " "),
        )
    return table


def check_lines(report: Report) -> list[str]:
    """One line per measured row, marked where it fell short, and one for all that could not be measured."""
    lines = []
    for row in report.checks:
        if row.status == "not measurable":
            continue
        advice = f" — {escape(one_line(row.advice))}" if row.advice else ""
        value = f"{row.value:.2f} {row.unit}".strip()
        lines.append(f"{_MARKS[row.status]} {row.name}: {value} ({row.allowed}){advice}")
    missing = [row.name for row in report.checks if row.status == "not measurable"]
    if missing:
        lines.append(f"     not measurable: {', '.join(missing)} (why: the report)")
    return lines
