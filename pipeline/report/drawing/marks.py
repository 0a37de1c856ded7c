"""Where the failing and warning rows point: shapes on the axis that lead to the table."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.card.row import Row
from pipeline.pages import words
from pipeline.report.drawing.axis import PHONE_PX, Axis, Lane, percent
from pipeline.report.drawing.words import count
from scoring.timebase import clock

_LINE_PX, _MOST_LINES, _LETTER_PX = 20, 5, 7.0
_JUDGED = ("fail", "warn")


def pointing(rows: Sequence[Row]) -> list[tuple[int, Row]]:
    """The rows with a mark, each with its place in the table; failing ones first at one time."""
    marked = [(place, row) for place, row in enumerate(rows) if row.status in _JUDGED and row.at_s is not None]
    return sorted(marked, key=lambda item: (item[1].at_s or 0.0, _JUDGED.index(item[1].status)))


def mark_lane(axis: Axis, rows: Sequence[Row]) -> Lane | None:
    """A shape and the row's id at its time, in as many lines as it takes that none covers another."""
    marked = pointing(rows)
    if not marked:
        return None
    ends_px: list[float] = []
    body = []
    for place, row in marked:
        x = axis.share(row.at_s or 0.0)
        room_px = 22 + _LETTER_PX * len(row.id)
        is_late = x * PHONE_PX + room_px > PHONE_PX  # its word stands left of it
        start_px = x * PHONE_PX - (room_px if is_late else 9)
        line = next((i for i, end_px in enumerate(ends_px) if end_px <= start_px), len(ends_px))
        line = min(line, _MOST_LINES - 1)
        if line == len(ends_px):
            ends_px.append(0.0)
        ends_px[line] = start_px + room_px + 12
        body.append(_mark(place, row, x, line, is_late))
    fails = sum(row.status == "fail" for _, row in marked)
    says = f"{count(fails, 'failing check')} and {count(len(marked) - fails, 'warning')} at a time of the film"
    return Lane("Findings", says, _LINE_PX * len(ends_px) + 2, "".join(body), is_list=True)


def _mark(place: int, row: Row, x: float, line: int, is_late: bool) -> str:
    at_s = row.at_s or 0.0
    y = _LINE_PX * line + 11
    verb = "fails" if row.status == "fail" else "warns"
    anchor, dx = ("end", -11) if is_late else ("start", 11)
    return (
        f'<a class="mark {row.status}" id="at-{place}" href="#row-{place}" data-at="{at_s:.2f}" '
        f'aria-label="{words(row.id)} {verb} at {clock(at_s)}: {words(row.name)}"><title>{words(row.name)}</title>'
        f'<use x="{percent(x)}" y="{y}" href="#is-{row.status}"/>'
        f'<svg x="{percent(x)}" y="{y}" overflow="visible"><text x="{dx}" y="4" text-anchor="{anchor}">'
        f"{words(row.id)}</text></svg></a>"
    )


def mark_lines(axis: Axis, rows: Sequence[Row]) -> str:
    """The same times as lines through all lanes."""
    return "".join(
        f'<line class="{row.status}" x1="{axis.at(row.at_s or 0.0)}" x2="{axis.at(row.at_s or 0.0)}" y1="0" y2="100%"/>'
        for _, row in pointing(rows)
    )
