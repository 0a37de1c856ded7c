"""A user's own calibration: from anchor similarities to the ratings that people gave the user's rated pictures.

Cuesmith ships none. The file is JSON, schema "cuesmith.calibration/1"; it holds for one encoder's weights and one
vocabulary, whose similarities mean something else with another.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from typing import Any, NoReturn

import numpy as np

from scoring.analysis import Curve
from scoring.errors import CheckpointRefused, StyleError
from scoring.json_text import write_json
from scoring.table import read_table

SCHEMA = "cuesmith.calibration/1"
SCALE = "1..7, as (rating - 4) / 3"
_AGAIN = "Make it again: cuesmith affect calibrate"
_SIGNED = {"range": (-1.0, 1.0)}
_HUGE = 1e9  # beyond it a number is a mistake, and sums overflow
_FINITE = {"range": (-_HUGE, _HUGE)}


@dataclass(frozen=True, slots=True)
class AxisFit:
    """One axis: intercept + weights · (features − means) / scales is valence or arousal on −1..1.

    weights: one per feature. alpha: the ridge's. r: of themes that were not fitted, with its 95 % interval over themes.
    """

    weights: tuple[float, ...]
    intercept: float = field(metadata=_FINITE)
    alpha: float = field(metadata={"range": (0.0, _HUGE)})
    r: float = field(metadata=_SIGNED)
    r_low: float = field(metadata=_SIGNED)
    r_high: float = field(metadata=_SIGNED)


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was fitted, to what, and how well. Implements what vision.clip.analyser asks of a calibration.

    encoder, fingerprint: name of the encoder, hash that tells its weights from others. vocabulary: sha256.
    features: F names. means, scales: F numbers, scales above 0. rating_scale: SCALE. pictures, themes: how many.
    folds, seed: how the themes were parted. made_on: a date, 2026-01-31. ratings_sha256: of the CSV's bytes.
    """

    encoder: str
    fingerprint: str
    vocabulary: str
    features: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    valence: AxisFit
    arousal: AxisFit
    rating_scale: str
    pictures: int = field(metadata={"range": (1, _HUGE)})
    themes: int = field(metadata={"range": (1, _HUGE)})
    folds: int = field(metadata={"range": (2, _HUGE)})
    seed: int
    made_on: str
    ratings_sha256: str

    @property
    def confidence(self) -> float:
        """0..1, mean cross-validated r of the two axes; an r below 0 is no knowledge."""
        return (max(self.valence.r, 0.0) + max(self.arousal.r, 0.0)) / 2

    def apply(self, features: Curve) -> tuple[Curve, Curve]:
        """Valence and arousal, each [N] −1..1, from [N, F] features in the order of `features`."""
        standard = (np.asarray(features, np.float64) - np.asarray(self.means)) / np.asarray(self.scales)
        valence, arousal = (
            np.clip(axis.intercept + standard @ np.asarray(axis.weights), -1.0, 1.0)
            for axis in (self.valence, self.arousal)
        )
        return valence, arousal

    def require(self, *, encoder: str, fingerprint: str, vocabulary: str, features: tuple[str, ...]) -> None:
        """Raises CheckpointRefused unless it was made with exactly these; the message names what differs."""
        for what, made, here in (
            ("encoder", self.encoder, encoder),
            ("weights of the encoder", self.fingerprint, fingerprint),
            ("vocabulary", self.vocabulary, vocabulary),
        ):
            if made != here:
                raise CheckpointRefused(
                    f"the calibration was made with the {what} {made!r}, not with {here!r}",
                    f"{_AGAIN}, or use what it was made with",
                )
        if self.features != features:
            raise CheckpointRefused(
                f"the calibration has {len(self.features)} features, {_difference(self.features, features)}", _AGAIN
            )


def calibration_text(calibration: Calibration) -> str:
    """The file's text."""
    return write_json(json.loads(json.dumps({"schema": SCHEMA, **asdict(calibration)})))


def parse_calibration(text: str, where: str) -> Calibration:
    """The inverse of calibration_text. where: what a message calls the file.

    Raises CheckpointRefused for anything that is no calibration, with the field.
    """
    try:
        table = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise CheckpointRefused(f"{where} is not JSON: {error}", _AGAIN) from error
    if not isinstance(table, dict) or table.get("schema") != SCHEMA:
        found = table.get("schema") if isinstance(table, dict) else table
        raise CheckpointRefused(f"{where} is no calibration: its schema is {str(found)[:80]!r}, not {SCHEMA!r}", _AGAIN)
    try:
        found = read_table({name: value for name, value in table.items() if name != "schema"}, Calibration, where, {})
    except (StyleError, OverflowError) as error:  # OverflowError: a whole number of hundreds of digits
        raise CheckpointRefused(str(getattr(error, "what", error)), _AGAIN) from error
    _check(found, where)
    return found


def _check(found: Calibration, where: str) -> None:
    """What the types do not say. Raises CheckpointRefused."""
    count = len(found.features)
    for name, numbers in (
        ("means", found.means),
        ("scales", found.scales),
        ("valence: weights", found.valence.weights),
        ("arousal: weights", found.arousal.weights),
    ):
        if len(numbers) != count or count == 0:
            raise CheckpointRefused(f"{where}: {name} has {len(numbers)} numbers for {count} features", _AGAIN)
        if not all(math.isfinite(number) and abs(number) < _HUGE for number in numbers):
            raise CheckpointRefused(f"{where}: {name} holds a number that is not finite or too large", _AGAIN)
    if min(found.scales) <= 0:
        raise CheckpointRefused(f"{where}: scales holds {min(found.scales)!r}, allowed are numbers above 0", _AGAIN)
    if found.rating_scale != SCALE:
        raise CheckpointRefused(f"{where}: rating_scale is {found.rating_scale!r}, not {SCALE!r}", _AGAIN)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _difference(made: tuple[str, ...], here: tuple[str, ...]) -> str:
    for ours, theirs in zip(made, here, strict=False):
        if ours != theirs:
            return f"{ours!r} where this vocabulary has {theirs!r}"
    return f"this vocabulary {len(here)}"


def as_numbers(values: Any) -> tuple[float, ...]:
    """Plain floats of an array, as the file holds them."""
    return tuple(float(value) for value in np.asarray(values, np.float64))
