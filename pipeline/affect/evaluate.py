"""The front door of evaluation on rated pictures: how well an analyser's reading follows what people said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.affect.agreement import PERMUTATIONS, agree
from pipeline.affect.features import Skipped, batched, readable
from pipeline.affect.floor import ColourMeter, Row
from pipeline.affect.ratings import RatedPictures
from pipeline.settings import Settings
from scoring.analysis import Activity, Shots
from scoring.errors import InputError
from vision.activity import RATE_HZ
from vision.analyser import CURVE_RATE_HZ, Analyser, Reading
from vision.formulas import AXES
from vision.frames import Plane, Still
from vision.relations import SCALES
from vision.sound import SILENCE_DB

FEWEST_PICTURES = 3
_BATCH = 32


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An analyser's agreement with rated pictures, beside that of the published formulas. seed: of the intervals."""

    analyser: Row
    formulas: tuple[Row, ...]
    pictures: int
    themes: int
    seed: int
    skipped: tuple[Skipped, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "schema": "cuesmith.evaluated/1",
            "analyser": self.analyser.to_json(),
            "formulas": [row.to_json() for row in self.formulas],
            "pictures": self.pictures,
            "themes": self.themes,
            "permutations": PERMUTATIONS,
            "seed": self.seed,
            "skipped": [str(skipped) for skipped in self.skipped],
        }


def evaluate(rated: RatedPictures, analyser: Analyser, *, seed: int = 0, settings: Settings | None = None) -> Evaluated:
    """Read every picture with the analyser, as a film that shows nothing else, and compare with its ratings.

    Raises InputError when too few can be read.
    """
    colours, skipped, kept = ColourMeter(), list[Skipped](), list[int]()
    felt: list[tuple[float, float]] = []
    for indices, planes in batched(readable(rated, settings or Settings(), analyser.wants, skipped), _BATCH):
        colours.see(planes)
        felt += [feel(analyser, plane) for plane in planes]
        kept += indices
    if len(kept) < FEWEST_PICTURES:
        raise InputError(f"there are {len(kept)} rated pictures", f"Give {FEWEST_PICTURES} at least")
    rated = rated.only(kept)
    scores = np.asarray(felt, np.float64)
    found = {axis: agree(scores[:, k], rated.of(axis), rated.themes, seed) for k, axis in enumerate(AXES)}
    formulas = colours.formulas(rated, seed)
    return Evaluated(
        Row(analyser.name, found), tuple(formulas), len(kept), len(set(rated.themes)), seed, tuple(skipped)
    )


def feel(analyser: Analyser, picture: Plane) -> tuple[float, float]:
    """Valence and arousal of one picture [H, W, 3]: of a film of one moment that is silent, uncut and shows it alone.

    A photograph says nothing of movement and of cutting, which is not the same as standing still: both are put where
    they count for nothing. With one moment there is nothing for it to differ from, so no term compares it with a film.
    """
    analyser.see(Still(0.0, picture))
    curve = analyser.read(NOTHING_ELSE)
    return float(curve.valence[0]), float(curve.arousal[0])


def _nothing_else() -> Reading:
    duration_s = 1.0 / CURVE_RATE_HZ
    bins = round(duration_s * RATE_HZ)
    motion, pace = (np.full(bins, SCALES[name].middle) for name in ("motion", "cut_pace"))
    activity = Activity(RATE_HZ, motion=motion, sound_db=np.full(bins, SILENCE_DB))
    return Reading(duration_s, Shots(duration_s, (), (float(motion[0]),)), activity, pace, has_sound=False)


NOTHING_ELSE = _nothing_else()
