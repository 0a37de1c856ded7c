"""`cuesmith affect`: fits a calibration to rated pictures of one's own, and measures analysers against ratings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from integrations.cli.options import AsJson, Debug, Quiet
from integrations.cli.text import one_line

if TYPE_CHECKING:
    from pipeline.affect.agreement import Agreement
    from pipeline.affect.calibrate import Calibrated
    from pipeline.affect.evaluate import Evaluated
    from pipeline.affect.features import Skipped
    from pipeline.affect.film import FilmEvaluated, FilmRow
    from pipeline.affect.floor import Row
    from vision.formulas import Feelings

app = typer.Typer(
    help="Measure how well feelings are read, and calibrate.", no_args_is_help=True, rich_markup_mode=None
)

Images = Annotated[Path, typer.Option("--images", metavar="DIR", help="The folder of the rated pictures.")]
Ratings = Annotated[
    Path,
    typer.Option(
        "--ratings",
        metavar="CSV",
        help="Columns image, theme, valence_1_7, arousal_1_7; for a film time_s, valence, arousal.",
    ),
]
Vocabulary = Annotated[
    Path | None, typer.Option("--vocabulary", metavar="FILE", help="Another vocabulary than the built-in one.")
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Of folds, intervals and chance.")]

_WIDTH = 36
_AXES: tuple[Feelings, ...] = ("valence", "arousal")


@app.callback()
def affect() -> None:
    """Measure how well feelings are read, and calibrate."""


@app.command("calibrate")
def calibrate(
    images: Images,
    ratings: Ratings,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The calibration to write.")],
    encoder: Annotated[
        str | None, typer.Option(metavar="NAME|FOLDER", help="A name from `cuesmith models list`, or a folder.")
    ] = None,
    vocabulary: Vocabulary = None,
    folds: Annotated[int, typer.Option(min=2, help="Parts that themes are divided into, each kept whole.")] = 5,
    seed: Seed = 0,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Fit how the pictures of DIR were rated to what the encoder sees; say how well that goes on unseen themes."""
    from pipeline.affect.asked import features_of
    from pipeline.affect.calibrate import calibrate as fit
    from pipeline.settings import Settings

    settings = Settings.from_env()
    made = fit(
        images,
        ratings,
        output,
        features_of(encoder, vocabulary, settings),
        made_on=datetime.now(UTC).date().isoformat(),
        folds=folds,
        seed=seed,
        settings=settings,
    )
    if as_json:
        typer.echo(json.dumps({"calibration": str(output), **made.to_json()}))
    elif not quiet:
        _print([*_calibrated_lines(made), f"written    {one_line(output)}"])


@app.command("evaluate")
def evaluate(
    ratings: Ratings,
    images: Annotated[Path | None, typer.Option("--images", metavar="DIR", help="The rated pictures.")] = None,
    film: Annotated[Path | None, typer.Option("--film", metavar="FILE", help="The rated film, instead.")] = None,
    analyser: Annotated[str, typer.Option(help="colour-motion, or clip.")] = "colour-motion",
    encoder: Annotated[str | None, typer.Option(metavar="NAME|FOLDER", help="Of --analyser clip.")] = None,
    calibration: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Of --analyser clip: a file that `calibrate` wrote.")
    ] = None,
    vocabulary: Vocabulary = None,
    seed: Seed = 0,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Say how well an analyser follows what people said, beside chance and the published formulas."""
    from integrations.cli.progress import Bars
    from pipeline.affect.asked import analyser_named
    from pipeline.affect.evaluate import evaluate as measure
    from pipeline.affect.film import evaluate_film
    from pipeline.settings import Settings
    from scoring.errors import InputError

    if (images is None) == (film is None):
        raise InputError(
            "--images and --film: one of the two is needed", "Give the pictures or the film that were rated"
        )
    settings = Settings.from_env()
    asked = analyser_named(analyser, encoder, vocabulary, calibration, settings)
    found: Evaluated | FilmEvaluated
    if images is not None:
        found = measure(images, ratings, asked, seed=seed, settings=settings)
        lines = _evaluated_lines(found)
    elif film is not None:
        with nullcontext() if quiet or as_json else Bars() as bars:
            advance = bars.stage("analyse") if bars else lambda share: None
            found = evaluate_film(film, ratings, asked, seed=seed, settings=settings, advance=advance)
        lines = _film_lines(found)
    if as_json:
        typer.echo(json.dumps(found.to_json()))
    elif not quiet:
        _print(lines)


def _print(lines: Sequence[str]) -> None:
    for line in lines:
        typer.echo(line)


def _calibrated_lines(made: Calibrated) -> list[str]:
    kept = made.calibration
    return [
        *_skipped_lines(made.skipped),
        one_line(f"{kept.encoder}, {len(kept.features)} features"),
        f"{kept.pictures} pictures of {kept.themes} themes, {kept.folds} folds with themes kept whole",
        *_table([made.fitted, *made.floor]),
        *_legend(),
        *_warnings(made),
    ]


def _warnings(made: Calibrated) -> list[str]:
    """What speaks against loading the file."""
    lines = []
    for axis in _AXES:
        ours = made.fitted.agreement[axis]
        colours = max(row.agreement[axis].r for row in made.floor if axis in row.agreement)
        if ours.r <= ours.chance:
            lines.append(f"warning: {axis} is followed no better than by chance; this calibration knows nothing of it")
        elif ours.r <= colours:
            lines.append(f"warning: {axis} is followed no better than by colours alone")
    return lines


def _evaluated_lines(found: Evaluated) -> list[str]:
    return [
        *_skipped_lines(found.skipped),
        f"{found.pictures} pictures of {found.themes} themes",
        *_table([found.analyser, *found.formulas]),
        *_legend(),
    ]


def _skipped_lines(skipped: Sequence[Skipped]) -> list[str]:
    return [one_line(f"left out {picture}") for picture in skipped]


def _table(rows: Sequence[Row]) -> list[str]:
    heading = "".join(f"{f'{axis} r, 95 % interval':<25}{'chance':>6}   " for axis in _AXES)
    return [
        f"{'':<{_WIDTH}}{heading}".rstrip(),
        *(one_line(f"{row.name:<{_WIDTH}}{_cells(row.agreement)}".rstrip()) for row in rows),
    ]


def _cells(agreement: Mapping[Feelings, Agreement]) -> str:
    cells = []
    for axis in _AXES:
        found = agreement.get(axis)
        interval = "" if found is None else f"{found.r:+.2f}  ({found.low:+.2f} to {found.high:+.2f})"
        chance = "" if found is None else f"{found.chance:+.2f}"
        cells.append(f"{interval:<25}{chance:>6}   ")
    return "".join(cells)


def _legend() -> list[str]:
    from pipeline.affect.agreement import PERMUTATIONS, RESAMPLES

    return [
        f"interval: {RESAMPLES} draws of whole themes. chance: what r stays below 95 times in 100 when themes",
        f"exchange their ratings ({PERMUTATIONS} times). Formulas are as published; a blank: no claim for that axis.",
    ]


def _film_lines(found: FilmEvaluated) -> list[str]:
    from pipeline.affect.agreement import PERMUTATIONS

    return [
        f"{found.ratings} ratings over {found.rated_s:.1f} s; r at each smoothing, chance in brackets",
        *(line for axis in _AXES for line in _film_table(axis, [found.analyser, *found.formulas])),
        f"chance: what r stays below 95 times in 100 when the rating is shifted in a circle ({PERMUTATIONS} times).",
        "Smoothing raises r, and chance with it: compare the two. moments: how many independent ones there are, about.",
    ]


def _film_table(axis: Feelings, rows: Sequence[FilmRow]) -> list[str]:
    claims = [(row, row.matches.get(axis, ())) for row in rows]
    shown = [(row, matches) for row, matches in claims if matches]
    if not shown:
        return []
    heads = "".join(f"{f'{match.window_s:g} s':<16}" for match in shown[0][1])
    moments = "".join(f"{f'{match.moments:.0f}':<16}" for match in shown[0][1])
    lines = [f"{axis:<{_WIDTH}}{heads}".rstrip(), f"{'  moments':<{_WIDTH}}{moments}".rstrip()]
    for row, matches in shown:
        cells = (f"{match.r:+.2f} ({'none' if match.chance is None else f'{match.chance:+.2f}'})" for match in matches)
        lines.append(one_line(f"{'  ' + row.name:<{_WIDTH}}" + "".join(f"{cell:<16}" for cell in cells)).rstrip())
    return lines
