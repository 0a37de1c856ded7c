"""What colours alone know of the same pictures: the floor that anything which looks at content has to clear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.affect.agreement import Agreement, agree
from pipeline.affect.folds import Indices, unseen
from pipeline.affect.ratings import RatedPictures
from scoring.analysis import Curve
from vision.formulas import AXES, COLOUR_NAMES, FORMULAS, Feelings, measure
from vision.frames import Plane

RIDGE = f"ridge on {len(COLOUR_NAMES)} colour features"


@dataclass(frozen=True, slots=True)
class Row:
    """One predictor. agreement: by axis, only where it claims one. source: where a published formula is from."""

    name: str
    agreement: Mapping[Feelings, Agreement]
    source: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        found = {str(axis): agreement.to_json() for axis, agreement in self.agreement.items()}
        return {"name": self.name, **found, **({"source": self.source} if self.source else {})}


class ColourMeter:
    """Measures the colours of pictures as they come by."""

    def __init__(self) -> None:
        self._seen: list[dict[str, float]] = []

    def see(self, pictures: Sequence[Plane]) -> None:
        """Measure some pictures."""
        self._seen += [measure(picture) for picture in pictures]

    def formulas(self, rated: RatedPictures, seed: int) -> list[Row]:
        """Every published formula as it is, for the axes it claims."""
        rows = []
        for formula in FORMULAS:
            scores = np.array([formula.read(colours) for colours in self._seen])
            found = {axis: agree(scores, rated.of(axis), rated.themes, seed) for axis in formula.axes}
            rows.append(Row(formula.name, found, formula.source))
        return rows

    def ridge(self, rated: RatedPictures, folds: Indices, seed: int) -> Row:
        """Ridge regression on COLOUR_NAMES, of themes that were not fitted."""
        features: Curve = np.array([[colours[name] for name in COLOUR_NAMES] for colours in self._seen])
        found = {}
        for axis in AXES:
            predicted = unseen(features, rated.of(axis), rated.themes, folds, seed)
            found[axis] = agree(predicted, rated.of(axis), rated.themes, seed)
        return Row(RIDGE, found)
