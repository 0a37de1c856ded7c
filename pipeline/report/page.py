"""film.report.html: one page that needs nothing else, to see at a glance what was measured and where."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.card.row import Row, Status
from pipeline.pages import page_part, page_template, words
from pipeline.report.drawing.axis import Axis, Lane, drawn
from pipeline.report.drawing.feeling import feeling_lane
from pipeline.report.drawing.marks import mark_lane, mark_lines
from pipeline.report.drawing.music import cue_lane, hit_lane
from pipeline.report.drawing.picture import cut_lane, picture_lane
from pipeline.report.drawing.readout import readout
from pipeline.report.drawing.ruler import ruler
from pipeline.report.drawing.sound import clearance_lane, loudness_lane, wave_lane
from pipeline.report.drawing.words import count
from pipeline.report.shown import Shown
from pipeline.report.table import STATUSES, advice, check_table, kind, measured, status_shape, time_link
from pipeline.report.verdict import counted, verdict
from scoring.cue_sheet import Cue
from scoring.timebase import clock

_MOST_NEEDS, _SHORTEST_S = 8, 0.1
_TRIED = ("cue", "how", "engine", "seed", "failed", "why", "kept")
_TILES: tuple[Status, ...] = ("fail", "warn", "pass", "not measurable")


def report_page(shown: Shown) -> str:
    """The page as HTML: no address outside it, nothing from outside that could be markup.

    It grows with what is on it, not with the film: two hours are about as large as ten minutes.
    """
    axis = Axis(max(shown.duration_s, _SHORTEST_S))
    style, script = page_part("report", "page.css"), page_part("report", "page.js")
    lanes, missing = _lanes(axis, shown)
    return page_template("report", "page.html").substitute(
        title=words(shown.title),
        duration=clock(shown.duration_s),
        style_hash=_hash(style),
        script_hash=_hash(script),
        style=style,
        script=script,
        shapes=page_part("report", "shapes.svg"),
        verdict=words(verdict(shown.rows)),
        mood=_worst(shown.rows),
        tiles=_tiles(shown.rows),
        needs=_needs(shown.rows),
        through=mark_lines(axis, shown.rows),
        lanes="\n".join(drawn(lane) for lane in lanes),
        missing=_missing(missing),
        readout=readout(axis, shown),
        filters=_filters(shown.rows),
        checks=check_table(shown.rows),
        cues=_cues(shown.cues),
        tried=_tried(shown.tried),
        notes=_notes(shown.notes),
        facts=_facts(shown.facts),
    )


def _lanes(axis: Axis, shown: Shown) -> tuple[list[Lane], list[str]]:
    """The lanes that have something to show, from picture to sound, and the names of those that have not."""
    found: list[tuple[str, Lane | None]] = [
        ("", mark_lane(axis, shown.rows)),
        ("", ruler(axis)),
        ("pictures", picture_lane(axis, shown.thumbnails)),
        ("cuts", cut_lane(axis, shown.cuts_s)),
        ("cues", cue_lane(axis, shown.cues, shown.rests) if shown.cues or shown.rests else None),
        ("hits and beats", hit_lane(axis, shown)),
        ("emotion", feeling_lane(axis, shown.felt) if shown.felt is not None else None),
        ("sound", wave_lane(axis, shown)),
        ("loudness", loudness_lane(axis, shown)),
        ("speech", clearance_lane(axis, shown)),
    ]
    return [lane for _, lane in found if lane is not None], [name for name, lane in found if name and lane is None]


def _missing(names: Sequence[str]) -> str:
    return f'<p class="missing">Not known of this film, or none: {", ".join(names)}.</p>' if names else ""


def _worst(rows: Sequence[Row]) -> str:
    """The class of the verdict: that of the worst row."""
    found, judged = counted(rows), _TILES[:3]
    return next((kind(status) for status in judged if found[status]), "none")


def _tiles(rows: Sequence[Row]) -> str:
    found = counted(rows)
    return "".join(
        f'<li class="{kind(status)}{"" if found[status] else " zero"}">{status_shape(status)}'
        f"<b>{found[status]}</b> <span>{status}</span></li>"
        for status in _TILES
    )


def _needs(rows: Sequence[Row]) -> str:
    """The failing rows and the first warning ones, each with what to do about it."""
    judged = [(place, row) for status in ("fail", "warn") for place, row in enumerate(rows) if row.status == status]
    if not judged:
        return ""
    fails = sum(row.status == "fail" for _, row in judged)
    chosen = judged[: max(_MOST_NEEDS, fails)]
    items = "".join(_need(place, row) for place, row in chosen)
    left = len(judged) - len(chosen)
    more = f'<p class="more"><a href="#checks">{count(left, "more warning")} in the table</a></p>' if left else ""
    return (
        '<section class="card needs" aria-labelledby="needs"><h2 id="needs">What to look at</h2>'
        f"<ul>{items}</ul>{more}</section>"
    )


def _need(place: int, row: Row) -> str:
    at = time_link(place, row)
    where = " · ".join(part for part in (at, words(row.cue)) if part)
    allowed = f" <small>allowed: {words(row.allowed)}</small>" if row.allowed else ""
    return (
        f'<li class="{kind(row.status)}">{status_shape(row.status)}<div><h3><a href="#row-{place}">{words(row.id)}</a> '
        f'{words(row.name)} <span class="sr">{STATUSES[row.status]}</span></h3>'
        f"<p><b>{words(measured(row))}</b>{allowed}"
        + (f' <span class="where">{where}</span>' if where else "")
        + f"</p><p>{advice(row)}</p></div></li>"
    )


def _filters(rows: Sequence[Row]) -> str:
    found = counted(rows)
    buttons = [f'<button type="button" data-show="all" aria-pressed="true">all {len(rows)}</button>']
    buttons += [
        f'<button type="button" data-show="{kind(status)}" aria-pressed="false">{status_shape(status)} '
        f"{word} {found[status]}</button>"
        for status, word in STATUSES.items()
        if found[status]
    ]
    return "".join(buttons)


def _cues(cues: Sequence[Cue]) -> str:
    if not cues:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{words(cue.id)}</th><td>{clock(cue.in_s)}</td><td>{clock(cue.out_s)}</td>'
        f"<td>{words(cue.mood)}</td><td>{cue.bpm:.1f}</td><td>{words(cue.key)}</td><td>{words(cue.metre)}</td>"
        f"<td>{len(cue.hit_points)}</td><td>{words(cue.transition.kind.replace('_', ' '))}</td></tr>"
        for cue in cues
    )
    head = "".join(
        f'<th scope="col">{name}</th>' for name in ("cue", "from", "to", "mood", "bpm", "key", "metre", "hits", "ends")
    )
    return _folded("The cues", count(len(cues), "cue"), _scrolled(head, rows, "All cues"))


def _tried(tried: Sequence[Mapping[str, Any]]) -> str:
    if not tried:
        return ""
    rows = "".join(f"<tr>{''.join(f'<td>{words(_said(one.get(name)))}</td>' for name in _TRIED)}</tr>" for one in tried)
    head = "".join(f'<th scope="col">{name}</th>' for name in _TRIED)
    lead = "<p>A cue that failed was composed again, the others left as they were.</p>"
    return (
        '<section class="card" aria-labelledby="tried"><h2 id="tried">What was tried</h2>'
        f"{lead}{_scrolled(head, rows, 'Takes tried')}</section>"
    )


def _said(value: Any) -> str:
    """A value of a mapping as words."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value) or "–"
    return str(value)


def _notes(notes: Sequence[str]) -> str:
    if not notes:
        return ""
    items = "".join(f"<li>{words(note)}</li>" for note in dict.fromkeys(notes))
    return f'<section class="card" aria-labelledby="notes"><h2 id="notes">Notes</h2><ul>{items}</ul></section>'


def _facts(facts: Mapping[str, str]) -> str:
    if not facts:
        return ""
    pairs = "".join(f"<div><dt>{words(name)}</dt><dd>{words(value)}</dd></div>" for name, value in facts.items())
    return f'<section class="card facts" aria-labelledby="facts"><h2 id="facts">Facts</h2><dl>{pairs}</dl></section>'


def _folded(heading: str, short: str, body: str) -> str:
    return (
        f'<section class="card"><details><summary><h2>{heading}</h2> <span>{short}</span></summary>{body}'
        "</details></section>"
    )


def _scrolled(head: str, rows: str, caption: str) -> str:
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table class="plain">'
        f'<caption class="sr">{caption}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _hash(text: str) -> str:
    """What the page's policy names the one style and the one script by that may run in it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
