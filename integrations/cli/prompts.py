"""`cuesmith prompts show`: what would be said to an engine, and the number that caused every tag."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
