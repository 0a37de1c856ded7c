"""`cuesmith prompts`: what is said to an engine and why, and which vocabulary the service says it with."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from integrations.cli.opening import service_database
from integrations.cli.options import AsJson, Debug, Quiet, Seed, StyleName
from integrations.cli.text import one_line
from integrations.cli.watching import (
    AnalyserName,
    CalibrationFile,
    Description,
    EncoderName,
    UseSubtitles,
    VocabularyFile,
    WordsFile,
)

if TYPE_CHECKING:
    from pipeline.explained import Explained

app = typer.Typer(help="See what is said to music engines, and why.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def prompts() -> None:
    """See what is said to music engines, and why."""


@app.command("show")
def show(
    video: Annotated[Path, typer.Argument(help="The video.", metavar="VIDEO")],
    family: Annotated[str, typer.Option(help="Whom to say it to: ace-step, sentence or chinese.")] = "ace-step",
    style: StyleName = None,
    seed: Seed = None,
    cues: Annotated[Path | None, typer.Option(help="A cue sheet to explain instead of spotting.")] = None,
    analyser: AnalyserName = None,
    encoder: EncoderName = None,
    calibration: CalibrationFile = None,
    vocabulary: VocabularyFile = None,
    words: WordsFile = None,
    describe: Description = "",
    subtitles: UseSubtitles = True,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Explain every tag of every cue's prompt by the number that caused it."""
    from integrations.cli.progress import Bars
    from pipeline.explained import explain_prompts
    from pipeline.settings import Settings
    from pipeline.wish import Wish

    wish = Wish(
        style=style,
        seed=seed,
        cues=cues,
        analyser=analyser,
        encoder=encoder,
        calibration=calibration,
        vocabulary=vocabulary,
        words=words,
        describe=describe,
        subtitles=subtitles,
    )
    with nullcontext() if quiet or as_json else Bars() as bars:
        told = explain_prompts(video, wish, family=family, observer=bars, settings=Settings.from_env())
    if as_json:
        typer.echo(json.dumps(_document(told), ensure_ascii=False))
    elif not quiet:
        _print(told)


@app.command("register")
def register(
    file: Annotated[Path, typer.Argument(help="A vocabulary (docs/vocabulary.md).", metavar="FILE")],
    name: Annotated[str | None, typer.Option(help="What it is called from now on. Default: the file's name.")] = None,
    debug: Debug = False,
) -> None:
    """Let the service know a vocabulary, for experiments. It stays as it is now."""
    with service_database() as database:
        from integrations.experiments.vocabularies import register_vocabulary
        from pipeline.given import read_text

        made = register_vocabulary(database, name or file.stem.lower(), read_text(file))
    typer.echo(f"{made.name}  {made.sha256}")


@app.command("versions")
def versions(as_json: AsJson = False, debug: Debug = False) -> None:
    """List the vocabularies the service knows, which one new films get, and how that came about."""
    with service_database() as database:
        from integrations.experiments.promoting import list_promotions
        from integrations.experiments.vocabularies import default_vocabulary, list_vocabularies

        known = list_vocabularies(database)
        with database.reading() as connection:
            default = default_vocabulary(connection).sha256
            history = [asdict(promotion) for promotion in list_promotions(connection)]
    if as_json:
        rows = [{"name": v.name, "sha256": v.sha256, "is_default": v.sha256 == default} for v in known]
        typer.echo(json.dumps({"vocabularies": rows, "promotions": history}))
        return
    for version in known:
        typer.echo(f"{version.name:<24} {version.sha256}{'  default' if version.sha256 == default else ''}")
    titles = {version.sha256: version.name for version in known}
    for row in history:
        when = datetime.fromtimestamp(row["at_s"], UTC).strftime("%Y-%m-%d")
        change = f"{titles.get(row['before'], row['before'][:8])} → {titles.get(row['vocabulary'], '?')}"
        typer.echo(f"{when}  {change}, by {row['experiment']}{', taken back' if row['is_taken_back'] else ''}")


@app.command("promote")
def promote(
    experiment: Annotated[str, typer.Argument(help="The experiment whose ratings decide.", metavar="EXPERIMENT")],
    arm: Annotated[str | None, typer.Option(help="B, C … Default: the best one that the ratings carry.")] = None,
    is_reverted: Annotated[
        bool, typer.Option("--revert", help="Take the experiment's promotion back instead; the history keeps it.")
    ] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Make an arm's vocabulary the default, where 50 films in each arm and the 95 % interval say so."""
    with service_database() as database:
        from integrations.experiments.promoting import promote as switch
        from integrations.experiments.promoting import revert
        from integrations.experiments.vocabularies import default_vocabulary

        made = revert(database, experiment) if is_reverted else switch(database, experiment, arm)
        with database.reading() as connection:
            default = default_vocabulary(connection)
    if as_json:
        typer.echo(json.dumps({**asdict(made), "default": default.sha256}))
    else:
        typer.echo(f"new films are read with {default.name}  {default.sha256}")


def _document(told: Explained) -> dict[str, object]:
    return {
        "analyser": told.analyser,
        "read_from": list(told.read_from),
        "family": told.family,
        "cues": [
            {
                "cue": cue.id,
                "prompt": cue.prompt,
                "tags": [{"tag": r.tag, "kind": r.kind, "because": r.because} for r in cue.reasons],
            }
            for cue in told.cues
        ],
    }


def _print(told: Explained) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    console.print(f"read by {escape(told.analyser)} from {', '.join(told.read_from)}; said to {told.family}")
    for cue in told.cues:
        console.print(f"\n[bold]{escape(one_line(cue.id))}[/bold]  {escape(one_line(cue.prompt))}", soft_wrap=True)
        table = Table(box=None, pad_edge=False, show_header=False)
        for reason in cue.reasons:
            table.add_row(escape(one_line(reason.tag)), reason.kind, escape(one_line(reason.because)))
        console.print(table)
