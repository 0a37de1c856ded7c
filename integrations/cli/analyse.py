"""`cuesmith analyse`."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from integrations.cli.options import AsJson, Debug, Quiet
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
    from rich.table import Table

    from scoring.analysis import Analysis


def analyse(
    video: Annotated[Path, typer.Argument(help="The video to analyse.", metavar="VIDEO")],
    plot: Annotated[Path | None, typer.Option(help="Draw the analysis as this PNG.", metavar="FILE.png")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the curve as rows here.", metavar="FILE.csv")] = None,
    workspace: Annotated[
        Path | None, typer.Option(help="The folder that VIDEO's .cuesmith folder lies in. Default: VIDEO's own.")
    ] = None,
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
    """Say what VIDEO feels like: its curve, moods, cuts, speech and music. Composes nothing."""
    from rich.console import Console
    from rich.markup import escape

    from integrations.cli.progress import Bars
    from pipeline.analyse_video import analyse_video
    from pipeline.chart.summary import describe as in_a_line
    from pipeline.chart.summary import summary_json
    from pipeline.settings import Settings
    from pipeline.wish import Wish

    wish = Wish(
        analyser=analyser,
        encoder=encoder,
        calibration=calibration,
        vocabulary=vocabulary,
        words=words,
        describe=describe,
        subtitles=subtitles,
    )
    with nullcontext() if quiet or as_json else Bars() as bars:
        analysed = analyse_video(
            video, wish, plot=plot, csv=csv, workspace=workspace, observer=bars, settings=Settings.from_env()
        )
    if as_json:
        paths = {
            "video": str(video),
            "plot": None if plot is None else str(plot),
            "csv": None if csv is None else str(csv),
            "workspace": str(analysed.workspace),
        }
        typer.echo(json.dumps({**paths, **summary_json(analysed.analysis)}))
    elif not quiet:
        console = Console(highlight=False)
        console.print(escape(in_a_line(analysed.analysis)), soft_wrap=True)
        if plot is None and csv is None:
            console.print(mood_table(analysed.analysis))
        for path in (plot, csv):
            if path is not None:
                console.print(f"written    {escape(one_line(path))}", soft_wrap=True)


def mood_table(analysis: Analysis) -> Table:
    """Where which mood leads, and what the curve is there."""
    from rich.markup import escape
    from rich.table import Table

    from pipeline.chart.summary import mood_stretches, rows_of
    from scoring.timebase import TimeRange, clock

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("in", "out", "mood", "sure", "valence", "arousal", "tension", "shots"):
        table.add_column(heading, justify="left" if heading == "mood" else "right")
    curve = analysis.curve
    for stretch in mood_stretches(analysis):
        span = TimeRange(stretch.start_s, stretch.end_s)
        rows = rows_of(curve, span)
        shots = sum(shot.start_s < span.end_s and span.start_s < shot.end_s for shot in analysis.shots.ranges)
        table.add_row(
            clock(stretch.start_s),
            clock(stretch.end_s),
            escape(one_line(stretch.name)),
            f"{stretch.share:.2f}",
            f"{curve.valence[rows].mean():+.2f}",
            f"{curve.arousal[rows].mean():+.2f}",
            f"{curve.tension[rows].mean():.2f}",
            str(shots),
        )
    return table
