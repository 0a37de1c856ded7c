"""`cuesmith ratings export`: what people liked, for training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from integrations.cli.opening import service_database, service_storage
from integrations.cli.options import AsJson, Debug
from integrations.cli.text import one_line

app = typer.Typer(help="What people said of the service's music.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def ratings() -> None:
    """What people said of the service's music."""


@app.command("export")
def export(
    folder: Annotated[Path, typer.Argument(help="A new folder.", metavar="FOLDER")],
    tenant: Annotated[str, typer.Option(help="Whose music; make sure that they agreed. There is no default.")],
    stars: Annotated[float, typer.Option(help="The least a take must have, on average.", min=1.0, max=5.0)] = 4.0,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Write a tenant's well-rated takes as ACE-Step v1's training takes them: sound, prompt and lyrics side by side."""
    with service_database() as database, service_storage() as storage:
        from integrations.experiments.exporting import export_ratings

        made = export_ratings(database, storage, folder, tenant=tenant, least_stars=stars)
    if as_json:
        told = {"folder": str(made.folder), "pieces": made.pieces, "duration_s": round(made.duration_s, 3)}
        typer.echo(json.dumps({**told, "left_out": list(made.left_out)}))
        return
    typer.echo(one_line(f"{made.pieces} pieces, {made.duration_s / 60:.1f} minutes, in {made.folder}"))
    for line in made.left_out:
        typer.echo(one_line(f"left out {line}"))
