"""The card as a table of the page: a line a row, under a heading a family."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from pipeline.card.row import Row, Status
from pipeline.pages import page_part, words
from pipeline.report.drawing.words import figure, with_unit
from scoring.timebase import clock

STATUSES: dict[Status, str] = {
    "fail": "fails",
    "warn": "warns",
    "pass": "passes",
    "info": "reported",
    "not measurable": "not measurable",
}
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
_MOST_FIGURES, _LONGEST = 12, 200


def kind(status: Status) -> str:
    """A status as a class name."""
    return "none" if status == "not measurable" else status


def check_table(rows: Sequence[Row]) -> str:
    """The bodies of the table, a tbody a family, in the rows' own order."""
    bodies: dict[str, list[str]] = {}
    for place, row in enumerate(rows):
        bodies.setdefault(row.id[:1], []).append(_line(place, row))
    return "".join(
        f'<tbody role="rowgroup"><tr role="row" class="family"><th role="rowheader" scope="rowgroup" colspan="7">'
        f"{words(_families().get(letter, 'Other'))}</th></tr>{''.join(lines)}</tbody>"
        for letter, lines in bodies.items()
    )


def status_shape(status: Status) -> str:
    """The status's shape, which tells it without colour."""
    shape = f'<use href="#is-{kind(status)}"/>'
    return f'<svg class="shape {kind(status)}" viewBox="-9 -9 18 18" aria-hidden="true">{shape}</svg>'


def measured(row: Row) -> str:
    """The value with its unit, or that there is none."""
    return "–" if row.value is None else with_unit(row.value, row.unit)


def advice(row: Row) -> str:
    """What to do, options of the command kept in one piece."""
    return _OPTION.sub(r"<code>\g<0></code>", words(row.advice))


def time_link(place: int, row: Row) -> str:
    """A link from a row to its place on the axis; "" where it points at none."""
    if row.at_s is None:
        return ""
    target = f"at-{place}" if row.status in ("fail", "warn") else "axis"
    at = clock(row.at_s)
    return f'<a href="#{target}" data-at="{row.at_s:.2f}" aria-label="Show {at} on the axis">{at}</a>'


def _line(place: int, row: Row) -> str:
    blamed = f' <span class="of">{words(row.cue)}</span>' if row.cue else ""
    return (
        f'<tr role="row" id="row-{place}" data-status="{kind(row.status)}">'
        f'<td role="cell" class="status {kind(row.status)}">{status_shape(row.status)} {STATUSES[row.status]}</td>'
        f'<th role="rowheader" scope="row"><b>{words(row.id)}</b> {words(row.name)}</th>'
        f'<td role="cell" class="value" data-label="measured">{words(measured(row))}</td>'
        f'<td role="cell" data-label="allowed">{words(row.allowed or "–")}</td>'
        f'<td role="cell" class="source" data-label="source">{words(row.source)}</td>'
        f'<td role="cell" class="when" data-label="at">{time_link(place, row) or "–"}{blamed}</td>'
        f'<td role="cell" class="advice">{advice(row)}{_detail(row.detail)}</td></tr>'
    )


def _detail(detail: Mapping[str, Any]) -> str:
    """The row's other figures, folded away."""
    if not detail:
        return ""
    shown = list(detail.items())[:_MOST_FIGURES]
    pairs = "".join(f"<dt>{words(name).replace('_', ' ')}</dt><dd>{words(_plain(value))}</dd>" for name, value in shown)
    more = f"<dt>and {len(detail) - len(shown)} more</dt><dd></dd>" if len(detail) > len(shown) else ""
    return f"<details><summary>figures</summary><dl>{pairs}{more}</dl></details>"


def _plain(value: Any) -> str:
    """A value of any kind as few characters."""
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "–"}[value]
    if isinstance(value, (int, float)):
        return figure(float(value))
    if isinstance(value, (list, tuple)) and all(isinstance(item, (int, float, str)) for item in value):
        text = ", ".join(_plain(item) for item in value)
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


@cache
def _families() -> Mapping[str, str]:
    return tomllib.loads(page_part("report", "families.toml"))
