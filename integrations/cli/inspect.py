"""`cuesmith inspect`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from integrations.cli.observing import observing
from integrations.cli.options import AsJson, Debug, Quiet
from integrations.cli.text import one_line
from scoring.errors import OutputRefused

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.inspection.inspect import Inspected

_FELL_SHORT = 3
_NONE = "none"
_COLOURS = {"pass": "green", "warn": "yellow", "fail": "red", "info": "dim"}


def inspect(
    video: Annotated[Path, typer.Argument(help="The scored video.", metavar="VIDEO")],
    source: Annotated[
        Path | None,
        typer.Option(
            help="The video before it was scored, to tell its sound from the music; none: it had no sound. "
            "Default: what VIDEO's own workspace remembers."
        ),
    ] = None,
    cues: Annotated[
        Path | None,
        typer.Option(help="The cue sheet it was scored by; none: look for none. Default: VIDEO's own workspace."),
    ] = None,
    loudness: Annotated[
        str | None,
        typer.Option(help="Judge loudness by web, ebu-r128, atsc-a85 or podcast. Default: the workspace's, or not."),
    ] = None,
    clearance: Annotated[
        float | None,
        typer.Option(
            help="Judge speech over music by this, LU. Default: the workspace's, or not.",
            min=6,
            max=30,
        ),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Also write the report's page.", metavar="FILE.html")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Leave with exit code 3 when a check fails.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Measure a scored VIDEO, whoever made it."""
    from pipeline.inspection.document import document_of
    from pipeline.inspection.inspect import inspect_video
    from pipeline.publish import check_writable, write_text
    from pipeline.settings import Settings
    from pipeline.sound.loudness import loudness_target

    target = None if loudness is None else loudness_target(loudness)
    if html is not None:
        if html.suffix.lower() not in (".html", ".htm"):
            raise OutputRefused(f"{html} does not end in .html", "It will be a page; name it so")
        check_writable(html.absolute().parent)
    with observing(silent=quiet or as_json) as observer:
        inspected = inspect_video(
            video,
            source=_named(source),
            cues=_named(cues),
            target=target,
            clearance_lu=clearance,
            observer=observer,
            settings=Settings.from_env(),
        )
    if html is not None:
        from pipeline.inspection.showing import show_inspected
        from pipeline.report.page import report_page

        write_text(html.absolute(), report_page(show_inspected(inspected)))
    if as_json:
        typer.echo(json.dumps({**document_of(inspected), "page": None if html is None else str(html)}))
    elif not quiet:
        _tell(inspected, html)
    if strict and inspected.failing:
        raise typer.Exit(_FELL_SHORT)


def _named(path: Path | None) -> Path | Literal["none"] | None:
    return _NONE if path == Path(_NONE) else path  # type: ignore[return-value]


def _tell(inspected: Inspected, html: Path | None) -> None:
    """The verdict, a table of what was measured, and what could not be, by its reasons."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from pipeline.report.drawing.words import with_unit
    from pipeline.report.verdict import verdict
    from scoring.timebase import clock

    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("", "id", "check", "measured", "allowed"):
        table.add_column(heading, justify="right" if heading == "measured" else "left")
    for row in inspected.rows:
        if row.value is None:
            continue
        table.add_row(
            f"[{_COLOURS[row.status]}]{row.status}[/]",
            row.id,
            escape(one_line(row.name)),
            escape(with_unit(row.value, row.unit)),
            escape(one_line(row.allowed)),
        )
    console.print(escape(verdict(inspected.rows)), soft_wrap=True)
    console.print(table)
    for row in inspected.rows:
        if row.status in ("fail", "warn"):
            where = "" if row.at_s is None else f" at {clock(row.at_s)}"
            console.print(
                escape(one_line(f"{row.id}{where}: {row.advice}")), style=_COLOURS[row.status], soft_wrap=True
            )
    _tell_missing(inspected, console)
    if html is not None:
        console.print(f"written    {escape(one_line(html))}", soft_wrap=True)


def _tell_missing(inspected: Inspected, console: Console) -> None:
    from rich.markup import escape

    reasons: dict[str, list[str]] = {}
    for row in inspected.rows:
        if row.value is None:
            reasons.setdefault(row.advice, []).append(row.id)
    for why, names in reasons.items():
        console.print(escape(one_line(f"not measurable: {', '.join(names)}. {why}")), style="dim", soft_wrap=True)
