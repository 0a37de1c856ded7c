"""`cuesmith experiments`: which words serve people better."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from integrations.cli.opening import service_database
from integrations.cli.options import AsJson, Debug

if TYPE_CHECKING:
    from integrations.jobs.database import Database

app = typer.Typer(
    help="Compare vocabularies on the service's films, by what people say of the music.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(help="The experiment's name.", metavar="NAME")]


@app.callback()
def experiments() -> None:
    """Compare vocabularies on the service's films, by what people say of the music."""


@app.command("create")
def create(
    name: Name,
    arm: Annotated[
        list[str],
        typer.Option(
            help="built-in, a name from `cuesmith prompts versions`, or a FILE. The first is the one to beat."
        ),
    ],
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Begin an experiment: from now on every new film gets one of the vocabularies, always the same one."""
    with service_database() as database:
        from integrations.experiments.experiment import create_experiment

        made = create_experiment(database, name, [_arm(database, said) for said in arm])
        told = _document(database, made.name)
    if as_json:
        typer.echo(json.dumps(told))
    else:
        typer.echo(f"{name} runs: {', '.join(f'{a.name} {a.title}' for a in made.arms)}")


@app.command("list")
def show_all(as_json: AsJson = False, debug: Debug = False) -> None:
    """List experiments, the newest first."""
    with service_database() as database:
        from integrations.experiments.experiment import list_experiments

        with database.reading() as connection:
            names = [found.name for found in list_experiments(connection)]
        told = [_document(database, name) for name in names]
    if as_json:
        typer.echo(json.dumps({"experiments": told}))
        return
    for row in told:
        since = datetime.fromtimestamp(row["created_s"], UTC).strftime("%Y-%m-%d")
        arms = ", ".join(f"{arm['name']} {arm['title']} n={arm['n']}" for arm in row["arms"])
        typer.echo(f"{row['name']:<24} {since}  {row['state']:<8} {arms}")


@app.command("show")
def show(name: Name, as_json: AsJson = False, debug: Debug = False) -> None:
    """Show what the ratings say: films, mean stars, and how far each arm is ahead of the first."""
    with service_database() as database:
        told = _document(database, name)
    if as_json:
        typer.echo(json.dumps(told))
        return
    typer.echo(f"{told['name']}, {told['state']}")
    for arm in told["arms"]:
        mean = "" if arm["mean_stars"] is None else f"{arm['mean_stars']:.2f} stars"
        head = f"{arm['name']}  {arm['title']:<24} {arm['jobs']:>6} jobs {arm['n']:>6} films rated  {mean:<12}"
        typer.echo(f"{head}{_difference(arm['difference'])}".rstrip())


@app.command("end")
def end(name: Name, debug: Debug = False) -> None:
    """End an experiment: new films get the default again; ratings of its films still count."""
    with service_database() as database:
        from integrations.experiments.experiment import end_experiment

        end_experiment(database, name)
    typer.echo(f"{name} has ended")


def _arm(database: Database, said: str) -> str:
    """The name of a vocabulary; a file is registered under its own name."""
    path = Path(said)
    if path.suffix != ".toml" and "/" not in said:
        return said
    from integrations.experiments.vocabularies import register_vocabulary
    from pipeline.given import read_text

    return register_vocabulary(database, path.stem.lower(), read_text(path)).name


def _document(database: Database, name: str) -> dict[str, Any]:
    from integrations.experiments.counting import count_ratings
    from integrations.experiments.documents import experiment_document
    from integrations.experiments.experiment import find_experiment

    with database.reading() as connection:
        found = find_experiment(connection, name)
        return experiment_document(found, count_ratings(connection, found))


def _difference(found: dict[str, Any] | None) -> str:
    if found is None:
        return ""
    if found["low"] is None:
        return f"{found['mean']:+.2f}, too few for an interval"
    verdict = "" if found["excludes_zero"] else ", holds 0"
    return f"{found['mean']:+.2f} (95 %: {found['low']:+.2f} to {found['high']:+.2f}{verdict})"
