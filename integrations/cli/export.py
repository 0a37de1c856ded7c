"""`cuesmith export`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from integrations.cli.options import AsJson, Debug, Quiet
from integrations.cli.text import one_line


def export(
    project: Annotated[
        Path, typer.Argument(help="The workspace of a scored film, film.cuesmith, or the film.", metavar="PROJECT")
    ],
    to: Annotated[
        str, typer.Option("--to", help="otio, fcpxml, fcp7xml, edl, midi, csv, pdf: some, with commas between.")
    ] = "otio,fcpxml,fcp7xml,edl,midi,csv,pdf",
    out: Annotated[
        Path | None, typer.Option("--out", help="The folder to write to. Default: film.timelines beside the result.")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(help="Timecode of the first picture, 01:00:00:00, drop-frame 01:00:00;00. Default: the film's."),
    ] = None,
    stems: Annotated[
        bool | None, typer.Option("--stems/--no-stems", help="Each stem on a muted track. Default: where there are.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Write a scored film's timeline, tempo map and cue sheet for other programs."""
    from integrations.timelines.exporting import export as write
    from pipeline.settings import Settings

    wanted = [name.strip().lower() for name in to.split(",") if name.strip()]
    made = write(project, wanted, out, start=start, with_stems=stems, settings=Settings.from_env())
    if as_json:
        document = {"files": [str(path) for path in made.files], "losses": list(made.losses)}
        typer.echo(json.dumps(document, ensure_ascii=True))
    elif not quiet:
        for path in made.files:
            typer.echo(one_line(path))
        for loss in made.losses:
            typer.echo(f"not kept: {one_line(loss)}")
