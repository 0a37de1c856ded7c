"""How colour, motion and sound point to a mood: every number of the `colour-motion` analyser, each with its source.

The directions are published. The sizes are design choices in units of each cue's own scale: no number here was fitted
to rated material. What was measured on such material (the r in the sources) says how weak the relations are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Axis = Literal["valence", "arousal", "tension"]


@dataclass(frozen=True, slots=True)
class Scale:
    """Turns a cue into a plain number: 0 at `middle`, ±1 a `unit` away. why: where the two come from.

    film_share: how much of the number is where the cue stands within the film, the rest is where it stands on its own.
    """

    middle: float
    unit: float
    why: str
    film_share: float = 0.5


@dataclass(frozen=True, slots=True)
class Relation:
    """One unit of a cue moves an axis, before shrinking, by `weight`."""

    cue: str
    axis: Axis
    weight: float
    source: str


SCALES = {
    "colourfulness": Scale(40.0, 25.0, "Hasler & Süsstrunk 2003: 33 moderately, 45 averagely, 59 quite colourful"),
    "lightness": Scale(0.42, 0.18, "design choice: mean luma of a usual picture"),
    "darkness": Scale(0.25, 0.25, "design choice: a quarter of a usual picture lies in shadow"),
    "contrast": Scale(0.20, 0.07, "design choice: luma deviation of a usual picture"),
    "motion": Scale(0.30, 0.25, "design choice on the scale of Activity.motion"),
    "cut_pace": Scale(0.37, 0.25, "a 5 s shot, 1/e on the scale of cut pace"),
    "loudness": Scale(
        -23.0, 9.0, "EBU R 128 programme level; how loud a whole file was made says little, hence the share", 0.75
    ),
}

RELATIONS = (
    Relation("colourfulness", "valence", 0.55, "holds on OASIS (r +.21) and LIRIS-ACCEDE (+.23)"),
    Relation("lightness", "valence", 0.25, "slight on both (LIRIS +.15); Valdez & Mehrabian 1994: P = +.69 B"),
    Relation("motion", "arousal", 0.50, "r +.22 on LIRIS-ACCEDE; Hanjalic & Xu 2005: motion raises arousal"),
    Relation("cut_pace", "arousal", 0.30, "r +.14 on LIRIS; Hanjalic & Xu 2005: cut density raises arousal"),
    Relation("loudness", "arousal", 0.55, "Dean, Bailes & Schubert 2011: loudness moves arousal causally"),
    Relation("darkness", "arousal", 0.15, "sign holds on both (LIRIS lightness −.09); Valdez & Mehrabian: A = −.31 B"),
    Relation("contrast", "arousal", 0.10, "r +.21 on OASIS, photographs only, hence the smallest weight"),
    Relation(
        "colourfulness",
        "arousal",
        0.10,
        "Pazda, Thorstenson & Fetterman 2024, J Exp Psychol Gen 153:145: more chroma makes photographs more arousing;"
        " colour fields: Wilms & Oberfeld 2018, Valdez & Mehrabian 1994 (+.60 S). On LIRIS film clips r is −.09, of"
        " which −.06 comes with the higher valence of colourful clips (.23 · −.28): hence the smallest weight too",
    ),
    Relation(
        "darkness", "tension", 0.35, "design choice after low-key lighting of drama and horror, Rasheed et al. 2005"
    ),
    Relation("lightness", "tension", -0.10, "design choice, the other side of the same"),
)

# Tension has no published formula here. These are design choices: a place on the circumplex and two signs of unrest.
UNEASE_WEIGHT = 1.1  # of unpleasant and excited at once: (1 − V) / 2 · (1 + A) / 2 less its neutral quarter
RISE_WEIGHT = 0.8  # of arousal gained over the last RISE_S
RISE_S = 4.0
SOUND_CONTRAST_WEIGHT = 0.25  # of the spread of loudness nearby, in units of SOUND_CONTRAST_DB
SOUND_CONTRAST_DB = 6.0
NEUTRAL_TENSION = 0.30  # where scoring.moods puts its neutral mood

# How far each axis can go. Relations this weak explain 4 to 11 % of the variance of ratings; an honest regression would
# shrink to a fifth. Spotting needs to see a film's own ups and downs, so the shrinking is milder and `confidence` says
# the rest.
REACH = {"valence": 0.60, "arousal": 0.70, "tension": 0.60}

# A cue counts partly for where it stands on its own scale (a dark film is dark), partly for where it stands within the
# film (its darkest scene is its darkest). A film that hardly varies is not blown up: its spread counts as MIN_SPREAD.
MIN_SPREAD = 0.5  # units
MAX_UNITS = 2.0  # no cue counts for more than this many units
