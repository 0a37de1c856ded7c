"""The options that several commands share, each spelled once."""

from __future__ import annotations

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]
Debug = Annotated[bool, typer.Option("--debug", help="Print a traceback when something fails.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Seed = Annotated[
    int | None, typer.Option("--seed", help="Another seed, other music. Default: drawn from the film.", min=0)
]
StyleName = Annotated[str | None, typer.Option("--style", help="A name from `cuesmith styles`. Default: cinematic.")]
MusicAlone = Annotated[
    bool,
    typer.Option(
        "--music/--without-music", help="Also the finished music by itself, film.music.wav, for an editor's timeline."
    ),
]
