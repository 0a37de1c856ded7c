"""The front door of calibration: rated pictures in; a file that the `clip` analyser loads, and how good it is, out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.affect.agreement import Agreement, agree
from pipeline.affect.features import Features, Skipped, batched, readable, stacked
from pipeline.affect.floor import ColourMeter, Row
from pipeline.affect.folds import Ridge, choose, theme_folds, unseen
from pipeline.affect.ratings import RatedPictures
from pipeline.publish import check_writable, write_text
from pipeline.settings import Settings
from scoring.errors import InputError
from vision.calibration import SCALE, AxisFit, Calibration, as_numbers, calibration_text
from vision.formulas import AXES, Feelings

FOLDS = 5
FEWEST_PICTURES = 30  # design choice: with fewer an interval spans nearly everything


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The calibration, its cross-validated agreement by axis, and the colour floor on the same pictures and folds."""

    calibration: Calibration
    fitted: Row
    floor: tuple[Row, ...]
    skipped: tuple[Skipped, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values; the calibration's weights are in its file only."""
        made = self.calibration
        return {
            "schema": "cuesmith.calibrated/1",
            "encoder": made.encoder,
            "pictures": made.pictures,
            "themes": made.themes,
            "folds": made.folds,
            "seed": made.seed,
            "fitted": self.fitted.to_json(),
            "floor": [row.to_json() for row in self.floor],
            "skipped": [str(skipped) for skipped in self.skipped],
        }


def calibrate(
    rated: RatedPictures,
    output: Path,
    features: Features,
    *,
    made_on: str,
    folds: int = FOLDS,
    seed: int = 0,
    settings: Settings | None = None,
) -> Calibrated:
    """Fit ridge weights from a picture's features to its ratings, measure them on themes they never saw, and keep them.

    output: the file to write. made_on: today, 2026-01-31. Pictures that cannot be read are left out and named.
    Raises InputError for pictures or folds that cannot be used, OutputRefused, DiskFull.
    """
    check_writable(output.absolute().parent)
    _check_enough(rated, folds)
    colours, skipped, kept, rows = ColourMeter(), list[Skipped](), list[int](), []
    pictures = readable(rated, settings or Settings(), features.wants, skipped)
    for indices, planes in batched(pictures, features.batch):
        colours.see(planes)
        rows.append(np.asarray(features.measure(planes), np.float64))
        kept += indices
    rated = rated.only(kept)
    _check_enough(rated, folds)
    table = stacked(rows, len(features.names))

    parts = theme_folds(rated.themes, folds, np.random.default_rng(seed))
    agreements: dict[Feelings, Agreement] = {}
    lines: dict[Feelings, Ridge] = {}
    for axis in AXES:
        target = rated.of(axis)
        agreements[axis] = agree(unseen(table, target, rated.themes, parts, seed), target, rated.themes, seed)
        lines[axis] = choose(table, target, rated.themes, np.random.default_rng(seed))
    calibration = _calibration(features, rated, lines, agreements, folds, seed, made_on)
    write_text(output.absolute(), calibration_text(calibration))
    floor = (colours.ridge(rated, parts, seed), *colours.formulas(rated, seed))
    return Calibrated(calibration, Row("calibrated", agreements), floor, tuple(skipped))


def _check_enough(rated: RatedPictures, folds: int) -> None:
    """Raises InputError for too few pictures or themes."""
    themes = len(set(rated.themes))
    if len(rated.paths) < FEWEST_PICTURES:
        raise InputError(f"there are {len(rated.paths)} rated pictures", f"Give {FEWEST_PICTURES} at least")
    if not 2 <= folds <= themes // 2:
        raise InputError(
            f"{folds} folds of {themes} themes cannot be made", "Give 2 folds or more, and two themes for each at least"
        )


def _calibration(
    features: Features,
    rated: RatedPictures,
    lines: dict[Feelings, Ridge],
    agreements: dict[Feelings, Agreement],
    folds: int,
    seed: int,
    made_on: str,
) -> Calibration:
    def axis(name: Feelings) -> AxisFit:
        line, found = lines[name], agreements[name]
        return AxisFit(as_numbers(line.weights), line.intercept, line.alpha, found.r, found.low, found.high)

    return Calibration(
        encoder=features.encoder,
        fingerprint=features.fingerprint,
        vocabulary=features.vocabulary,
        features=features.names,
        means=as_numbers(lines["valence"].means),
        scales=as_numbers(lines["valence"].scales),
        valence=axis("valence"),
        arousal=axis("arousal"),
        rating_scale=SCALE,
        pictures=len(rated.paths),
        themes=len(set(rated.themes)),
        folds=folds,
        seed=seed,
        made_on=made_on,
        ratings_sha256=rated.sha256,
    )
