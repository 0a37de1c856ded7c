"""`cuesmith review`: a copy of a scored film with its music's plan and figures burnt in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from integrations.cli.observing import observing
from integrations.cli.options import AsJson, Debug, Quiet
from integrations.cli.text import one_line


def review(
    video: Annotated[Path, typer.Argument(help="A scored film, film.scored.mp4, or its workspace.", metavar="VIDEO")],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The file (.mp4) or folder to write to. Default: film.review.mp4 beside."),
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="Begin at this film time, seconds or 1:05. Default: its beginning.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", help="End at this film time, seconds or 1:05. Default: its end.")
    ] = None,
    height: Annotated[
        int, typer.Option("--height", help="Lines of the copy, picture and strip together.", min=480, max=1440)
    ] = 720,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Write a review copy: cue, bar and beat, hits, emotion curve, ducking, loudness and what fell short, burnt in."""
    from integrations.cli.ranges import read_time
    from pipeline.review.review import make_review
    from pipeline.settings import Settings

    with observing(silent=quiet or as_json) as observer:
        path = make_review(
            video,
            output=output,
            from_s=None if start is None else read_time(start, "--from"),
            to_s=None if end is None else read_time(end, "--to"),
            height_px=height,
            observer=observer,
            settings=Settings.from_env(),
        )
    if as_json:
        typer.echo(json.dumps({"review": str(path)}, ensure_ascii=True))
    elif not quiet:
        typer.echo(one_line(path))
