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
from integrations.cli.watching import AnalyserName, CalibrationFile, EncoderName, VocabularyFile

if TYPE_CHECKING:
    from pipeline.affect.agreement import Agreement
    from pipeline.affect.calibrate import Calibrated
    from pipeline.affect.evaluate import Evaluated
    from pipeline.affect.features import Skipped
    from pipeline.affect.film import FilmEvaluated, FilmRow
    from pipeline.affect.floor import Row
    from pipeline.settings import Settings
    from pipeline.wish import Observer, Wish
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
    encoder: EncoderName = None,
    vocabulary: VocabularyFile = None,
    folds: Annotated[int, typer.Option(min=2, help="Parts that themes are divided into, each kept whole.")] = 5,
    seed: Seed = 0,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Fit how the pictures of DIR were rated to what the encoder sees; say how well that goes on unseen themes."""
    from pipeline.affect.asked import features_of
    from pipeline.affect.calibrate import calibrate as fit
    from pipeline.affect.ratings import read_rated_pictures
    from pipeline.publish import check_writable
    from pipeline.settings import Settings

    settings = Settings.from_env()
    check_writable(output.absolute().parent)
    rated = read_rated_pictures(ratings, images)
    made = fit(
        rated,
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
    analyser: AnalyserName = None,
    encoder: EncoderName = None,
    calibration: CalibrationFile = None,
    vocabulary: VocabularyFile = None,
    seed: Seed = 0,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Say how well an analyser follows what people said, beside chance and the published formulas."""
    from integrations.cli.progress import Bars
    from pipeline.settings import Settings
    from pipeline.wish import Silent, Wish
    from scoring.errors import InputError

    if (images is None) == (film is None):
        raise InputError(
            "--images and --film: one of the two is needed", "Give the pictures or the film that were rated"
        )
    wish = Wish(analyser=analyser, encoder=encoder, calibration=calibration, vocabulary=vocabulary)
    settings = Settings.from_env()
    found: Evaluated | FilmEvaluated
    with nullcontext(Silent()) if quiet or as_json else Bars() as observer:
        if images is not None:
            found = _on_pictures(images, ratings, wish, seed, settings, observer)
            lines = _evaluated_lines(found)
        elif film is not None:
            found = _on_film(film, ratings, wish, seed, settings, observer)
            lines = _film_lines(found)
    if as_json:
        typer.echo(json.dumps(found.to_json()))
    elif not quiet:
        _print(lines)


def _on_pictures(
    images: Path, ratings: Path, wish: Wish, seed: int, settings: Settings, observer: Observer
) -> Evaluated:
    from pipeline.affect.evaluate import evaluate as measure
    from pipeline.affect.ratings import read_rated_pictures
    from pipeline.watcher import choose_watcher

    rated = read_rated_pictures(ratings, images)  # before weights are fetched
    watcher = choose_watcher(wish, settings, stage=observer.stage, note=observer.note)
    return measure(rated, watcher.build(), seed=seed, settings=settings)


def _on_film(film: Path, ratings: Path, wish: Wish, seed: int, settings: Settings, observer: Observer) -> FilmEvaluated:
    from pipeline.affect.film import evaluate_film
    from pipeline.affect.ratings import read_rated_film
    from pipeline.watcher import choose_watcher

    rated = read_rated_film(ratings)
    watcher = choose_watcher(wish, settings, stage=observer.stage, note=observer.note)
    advance = observer.stage("analyse")
    return evaluate_film(film, rated, watcher.build(), seed=seed, settings=settings, advance=advance)


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
