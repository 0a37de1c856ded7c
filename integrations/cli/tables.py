"""Tables for people."""

from __future__ import annotations

from collections import Counter

from rich.markup import escape
from rich.table import Table

from integrations.cli.text import one_line
from pipeline.card.row import Row, Status
from pipeline.report.report import Report
from scoring.cue_sheet import CueSheet
from scoring.timebase import clock

_HEADLINES = ("A2", "D1", "E1", "F1", "F1-peak", "G1", "G2", "H1")
_MARKS: dict[Status, str] = {
    "pass": "[green]ok[/green]    ",
    "warn": "[yellow]close[/yellow] ",
    "fail": "[red]off[/red]   ",
    "info": "      ",
    "not measurable": "      ",
}
_WORDS: dict[Status, str] = {
    "pass": "pass",
    "warn": "close to the limit",
    "fail": "off",
    "info": "told only",
    "not measurable": "not measurable",
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
    """What most people ask about, a line for each row that warns or fails, and how many there are of each kind."""
    lines = [_check_line(row) for row in report.checks if row.status in ("warn", "fail") or row.id in _HEADLINES]
    counts = Counter(row.status for row in report.checks)
    said = [f"{counts[status]} {word}" for status, word in _WORDS.items() if counts[status] or status != "info"]
    return [*lines, f"       {len(report.checks)} checks: {', '.join(said)}"]


def _check_line(row: Row) -> str:
    if row.value is None:
        return f"{_MARKS[row.status]} {row.name}: not measurable" + (f" — {escape(row.advice)}" if row.advice else "")
    value = f"{row.value:.2f} {row.unit}".strip()
    advice = f" — {escape(one_line(row.advice))}" if row.advice else ""
    return f"{_MARKS[row.status]} {row.name}: {value} ({escape(row.allowed)}){advice}"
