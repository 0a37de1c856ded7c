"""The comparison page: one file that needs nothing but the takes beside it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pipeline.card.row import Row
from pipeline.delivery.place import unnumbered
from pipeline.heeding import not_used
from pipeline.pages import page_part, page_template, words
from pipeline.takes.command import keeping_command
from pipeline.takes.hearing import Hearing
from pipeline.takes.passage import Passage
from pipeline.takes.take import Take
from pipeline.takes.waveform import draw_waveform
from pipeline.wish import Wish
from scoring.analysis import Shots
from scoring.cue_sheet import Cue
from scoring.timebase import clock


@dataclass(frozen=True, slots=True)
class Compared:
    """A take, what was heard of it, and what levels its passage in the clip, dB."""

    take: Take
    hearing: Hearing
    gain_db: float


@dataclass(frozen=True, slots=True)
class Excerpted:
    """The clip, None where it could not be made, and the passage it compares."""

    clip: Path | None
    passage: Passage


def write_page(
    film: Path, first_place: Path, wish: Wish, shots: Shots, rows: Sequence[Compared], excerpted: Excerpted
) -> str:
    """The page as HTML. first_place: the first take's place, beside which the page lies.

    Every text from outside is escaped, every name of a file made a relative address.
    """
    result = unnumbered(first_place)
    return page_template("takes", "page.html").substitute(
        title=words(film.name),
        count=f"{len(rows)} take{'s' if len(rows) > 1 else ''}",
        last=rows[-1].take.number,
        style=page_part("takes", "page.css"),
        script=page_part("takes", "page.js"),
        videos="\n".join(_video(row.take) for row in rows),
        switches="\n".join(_switch(row.take) for row in rows),
        takes="\n".join(_take(row, shots, excerpted.passage, film, result, wish) for row in rows),
        figures=_figures([row.take for row in rows]),
        clip=_clip(rows, excerpted),
    )


def _video(take: Take) -> str:
    name = take.made.video.name
    return (
        f'<video id="video-{take.number}" data-take="{take.number}" controls playsinline preload="metadata" '
        f'aria-label="Take {take.number}" data-name="{words(name)}" src="{_address(name)}"></video>'
    )


def _switch(take: Take) -> str:
    return (
        f'<button type="button" data-take="{take.number}" aria-pressed="false" '
        f'aria-label="Play take {take.number} from the same place"><kbd>{take.number}</kbd> Take {take.number}</button>'
    )


def _take(row: Compared, shots: Shots, passage: Passage, film: Path, result: Path, wish: Wish) -> str:
    take, sheet = row.take, row.take.made.sheet
    drawn = draw_waveform(
        row.hearing.peaks,
        row.hearing.rms,
        sheet.duration_s,
        [cue.in_s for cue in sheet.cues],
        [cut.time_s for cut in shots.cuts],
        (passage.start_s, passage.start_s + passage.duration_s),
    )
    return page_template("takes", "take.html").substitute(
        number=take.number,
        seed=take.seed,
        style=words(sheet.style),
        address=_address(take.made.video.name),
        name=words(take.made.video.name),
        duration_s=f"{sheet.duration_s:.3f}",
        waveform=drawn,
        cues="\n".join(_cue(cue) for cue in sheet.cues),
        shortfalls=_shortfalls(take),
        command=words(keeping_command(film, take.cues, result, wish)),
    )


def _cue(cue: Cue) -> str:
    return (
        f'<tr><th scope="row">{words(cue.id)}</th><td>{clock(cue.in_s)}</td>'
        f"<td>{words(cue.mood)}</td><td>{words(cue.key)}</td>"
        f'<td class="number">{cue.bpm:.1f}</td><td class="number">{len(cue.hit_points)}</td></tr>'
    )


def _shortfalls(take: Take) -> str:
    """What fell short, what was asked and could not be used, what the run had to say."""
    report = take.made.report
    items = [
        f"{check.name}: {_value(check)} {check.unit} ({check.allowed}). {check.advice}" for check in report.fell_short
    ]
    items += [f"not used: {words}" for words in not_used(report.wishes)]
    notes = [*report.warnings, *(warning for row in report.cues for warning in row["warnings"])]
    return _list("short", items) + _list("notes", list(dict.fromkeys(notes)))


def _list(kind: str, items: Sequence[str]) -> str:
    rows = "".join(f"<li>{words(item)}</li>" for item in items)
    return f'<ul class="{kind}">{rows}</ul>' if rows else ""


def _figures(takes: Sequence[Take]) -> str:
    """The measured rows, a column per take. What is allowed stands once where it is the same for all."""
    found = [{check.name: check for check in take.made.report.checks} for take in takes]
    names = list(dict.fromkeys(name for checks in found for name in checks))
    head = "".join(f'<th scope="col">Take {take.number}</th>' for take in takes)
    body = []
    for name in names:
        checks = [row.get(name) for row in found]
        units = {check.unit for check in checks if check is not None}
        allowed = {check.allowed for check in checks if check is not None}
        is_same = len(allowed) == 1
        said = words(", ".join([*units, *(allowed if is_same else ())]))
        cells = "".join(
            _cell(take.number, check, is_allowed_said=is_same) for take, check in zip(takes, checks, strict=True)
        )
        body.append(f'<tr><th scope="row">{words(name)} <small>{said}</small></th>{cells}</tr>')
    return f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(body)}</tbody>"


def _cell(number: int, check: Row | None, *, is_allowed_said: bool) -> str:
    take = f'<span class="of">Take {number}</span>'
    if check is None:
        return f'<td class="number">{take} –</td>'
    mark = {"pass": "ok", "fail": "short", "warn": "near"}.get(check.status, "")
    said = f'<span class="mark">{mark}</span>' if mark else ""
    allowed = "" if is_allowed_said else f"<small>{words(check.allowed)}</small>"
    return f'<td class="number {mark}">{take} {_value(check)} {said} {allowed}</td>'


def _value(check: Row) -> str:
    return "not measurable" if check.value is None else f"{check.value:.2f}"


def _clip(rows: Sequence[Compared], excerpted: Excerpted) -> str:
    if excerpted.clip is None:
        return "<p>The comparison clip could not be made.</p>"
    name = excerpted.clip.name
    gains = ", ".join(f"take {row.take.number} {row.gain_db:+.1f} dB" for row in rows)
    return (
        f'<video controls playsinline preload="metadata" aria-label="Comparison clip" src="{_address(name)}"></video>'
        f"<p>{words(excerpted.passage)}; each take in turn, brought to the loudness of the quietest "
        f"({words(gains)}), so that louder does not win. "
        f'<a href="{_address(name)}">{words(name)}</a></p>'
    )


def _address(name: str) -> str:
    """A file of this folder as a relative address, whatever bytes its name is made of."""
    return "./" + quote(name if sys.platform == "win32" else os.fsencode(name), safe="")
