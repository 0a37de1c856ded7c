"""`cuesmith score` with several films: each in a process of its own, one display, a summary at the end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from integrations.cli.project_values import OF_ONE_FILM
from integrations.cli.text import one_line

if TYPE_CHECKING:
    from integrations.batch.films import Films
    from integrations.batch.run import Board, Outcome

Jobs = Annotated[
    int,
    typer.Option(
        "--jobs", help="Films at once, each in a process of its own with its own models in memory.", min=1, max=64
    ),
]
FailFast = Annotated[
    bool, typer.Option("--fail-fast", help="Of several films: stop at the first that fails. Default: do the others.")
]

_OWN = ("videos", "jobs", "fail_fast", "as_json", "quiet")  # parameters that are this process's business


def score_many(
    ctx: typer.Context,
    videos: Sequence[Path],
    *,
    jobs: int,
    fail_fast: bool,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    debug: bool,
) -> int:
    """Score each of several films as the command would score it alone; the exit code, the worst of all.

    Raises InputError for options that are of one film, OutputRefused as choose_films does.
    """
    from integrations.batch.arguments import typed_options
    from integrations.batch.films import choose_films
    from integrations.batch.run import run_films

    _refuse_single(ctx)
    films = choose_films(videos, ctx.params["output"])
    arguments = [str(ctx.info_name), *typed_options(ctx, _OWN), "--json"]
    if not quiet and not as_json:
        for text in films.left_out:
            typer.echo(one_line(f"left out: {text}"), err=True)
    with _board(len(films.chosen), silent=quiet or as_json) as board:
        outcomes = run_films(films.chosen, arguments, board, jobs=jobs, fail_fast=fail_fast)
    _answer(outcomes, films, forecast_for=jobs if dry_run else None, as_json=as_json, quiet=quiet, debug=debug)
    return max((outcome.exit_code or 0 for outcome in outcomes), default=0)


def _refuse_single(ctx: typer.Context) -> None:
    from scoring.errors import InputError

    for name in OF_ONE_FILM:
        if ctx.params.get(name.replace("-", "_")) is not None:
            raise InputError(f"--{name} is of one film, and several are given", "Score that film by itself")


@contextmanager
def _board(count: int, *, silent: bool) -> Iterator[Board]:
    from integrations.batch.display import Display, Nobody

    if silent:
        yield Nobody()
        return
    with Display(count) as display:
        yield display


def _answer(
    outcomes: Sequence[Outcome], films: Films, *, forecast_for: int | None, as_json: bool, quiet: bool, debug: bool
) -> None:
    """forecast_for: of a dry run, for how many films at once."""
    from rich.console import Console

    from integrations.batch.summary import forecast_table, forecast_total, summary_document, summary_table

    if as_json:
        typer.echo(json.dumps(summary_document(outcomes, films.left_out), ensure_ascii=True))
        return
    console = Console(highlight=False)
    if not quiet and forecast_for is not None:
        console.print(forecast_table(outcomes))
        console.print(forecast_total(outcomes, forecast_for))
    elif not quiet:
        console.print(summary_table(outcomes))
    for outcome in outcomes:
        if outcome.error:
            typer.echo(one_line(f"cuesmith: {outcome.film}: {outcome.error}"), err=True)
            if debug and outcome.said:
                typer.echo(outcome.said, err=True)
