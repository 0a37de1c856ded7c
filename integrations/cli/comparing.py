"""`cuesmith score --takes N`: several scores of one film, and what to choose by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from integrations.cli.observing import observing
from integrations.cli.text import one_line

if TYPE_CHECKING:
    from pipeline.takes.take import Takes
    from pipeline.wish import Wish

TakeCount = Annotated[
    int | None,
    typer.Option("--takes", help="So many scores from different seeds, 1 to 9, with a page and a clip to compare."),
]


def score_several(video: Path, count: int, wish: Wish, *, as_json: bool, quiet: bool) -> None:
    """Score a video several times and say where everything is. Raises as pipeline.score_takes does."""
    from pipeline.score_takes import score_takes
    from pipeline.settings import Settings

    with observing(silent=quiet or as_json) as observer:
        made = score_takes(video, count, wish, observer=observer, settings=Settings.from_env())
    if as_json:
        typer.echo(json.dumps(_document(made), ensure_ascii=True))
    elif not quiet:
        _print(made)


def _document(made: Takes) -> dict[str, object]:
    """The one object of --json."""
    return {
        "takes": [
            {
                "take": take.number,
                "seed": take.seed,
                "video": str(take.made.video),
                "cues": str(take.cues),
                "report_path": str(take.made.report_path),
                "stems": str(take.made.stems) if take.made.stems else None,
                "report": take.made.report.to_json(),
            }
            for take in made.takes
        ],
        "page": str(made.page),
        "clip": str(made.clip),
        "workspace": str(made.workspace),
    }


def _print(made: Takes) -> None:
    from rich.console import Console
    from rich.markup import escape

    from integrations.cli.tables import check_lines, cue_table
    from pipeline.heeding import not_used

    console = Console(highlight=False)
    for take in made.takes:
        console.print(f"[bold]take {take.number}[/bold], seed {take.seed}, {escape(take.made.sheet.style)}")
        console.print(cue_table(take.made.sheet))
        for line in check_lines(take.made.report):
            console.print(line)
        if unused := not_used(take.made.report.wishes):
            console.print(f"not used: {escape(one_line(', '.join(unused)))}", soft_wrap=True)
        for name, path in (("video", take.made.video), ("cues", take.cues), ("report", take.made.report_path)):
            console.print(f"{name:<10} {escape(one_line(path))}", soft_wrap=True)
        console.print()
    for name, path in (("page", made.page), ("clip", made.clip), ("workspace", made.workspace)):
        console.print(f"{name:<10} {escape(one_line(path))}", soft_wrap=True)
