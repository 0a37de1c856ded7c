"""`cuesmith demo`: draw a film to try things on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from integrations.cli.options import Debug, Quiet
from integrations.cli.text import one_line


def demo(
    output: Annotated[Path, typer.Argument(help="The film to write (.mp4).")] = Path("demo.mp4"),
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Draw a 40 s demo film: a calm, a tense and a happy part, hard cuts and a dissolve."""
    from pipeline.demo_film import make_demo_film

    make_demo_film(output.absolute())
    if not quiet:
        typer.echo(one_line(output))
