"""`colour-motion`: mood from colour, motion and sound, without weights. What is shown, who is seen, it cannot know."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from scoring.analysis import Curve, EmotionCurve
from scoring.moods import mood_names, mood_probabilities
from vision.analyser import Reading, StillWish
from vision.colour import LOOK_NAMES, LookMeter
from vision.confidence import confidence
from vision.cues import Evidence, gather
from vision.frames import Still
from vision.relations import (
    MAX_UNITS,
    NEUTRAL_TENSION,
    REACH,
    RELATIONS,
    RISE_S,
    RISE_WEIGHT,
    SCALES,
    SOUND_CONTRAST_DB,
    SOUND_CONTRAST_WEIGHT,
    UNEASE_WEIGHT,
    Axis,
)
from vision.standing import standing

Units = Mapping[str, Curve]  # cue name → [T], on the scale of relations.SCALES


class ColourMotion:
    """The analyser that always works. Implements vision.analyser.Analyser; follows one film at a time."""

    name = "colour-motion"
    wants = StillWish()

    def __init__(self) -> None:
        self._looks = LookMeter()

    def see(self, still: Still) -> None:
        """Measure the colours of one still."""
        self._looks.see(still)

    def read(self, reading: Reading) -> EmotionCurve:
        """The curve at CURVE_RATE_HZ from 0 s to the end of the film, neutral where there was nothing to go by."""
        looks, self._looks = self._looks, LookMeter()
        evidence = gather(looks, reading)
        units = in_units(evidence)
        valence = REACH["valence"] * np.tanh(weigh("valence", units))
        arousal = REACH["arousal"] * np.tanh(weigh("arousal", units))
        tension = squash_tension(weigh("tension", units) + unrest(valence, arousal, evidence))
        return EmotionCurve(
            times_s=evidence.times_s,
            valence=valence,
            arousal=arousal,
            tension=tension,
            confidence=confidence(evidence),
            moods=mood_names(),
            mood_probabilities=mood_probabilities(valence, arousal, tension),
            analyser=self.name,
            read_from=("colour", "motion", *(("sound",) if evidence.audible else ())),
        )


def in_units(evidence: Evidence) -> Units:
    """Every cue as a plain number within ±MAX_UNITS, 0 where it says nothing."""
    say = dict.fromkeys(LOOK_NAMES, evidence.visible)
    say["colourfulness"] = evidence.visible * evidence.coloured
    say["loudness"] = np.full(len(evidence.times_s), float(evidence.audible))
    return {name: _in_unit(name, values) * say.get(name, 1.0) for name, values in evidence.cues.items()}


def _in_unit(name: str, values: Curve) -> Curve:
    scale = SCALES[name]
    return standing((values - scale.middle) / scale.unit, scale.film_share)


def weigh(axis: Axis, units: Units) -> Curve:
    """[T] how far the relations push an axis, before it is shrunk."""
    terms = [relation.weight * units[relation.cue] for relation in RELATIONS if relation.axis == axis]
    return np.asarray(np.sum(terms, axis=0), np.float64)


def unrest(valence: Curve, arousal: Curve, evidence: Evidence) -> Curve:
    """[T] what tension takes from the other two axes and from how unsteady the sound is; 0 for a neutral film."""
    unease = (1.0 - valence) / 2 * (1.0 + arousal) / 2 - 0.25
    ago_s = np.maximum(evidence.times_s - RISE_S, 0.0)
    rise = np.maximum(arousal - np.interp(ago_s, evidence.times_s, arousal), 0.0)
    contrast = np.minimum(evidence.sound_spread_db / SOUND_CONTRAST_DB, MAX_UNITS) if evidence.audible else 0.0
    return UNEASE_WEIGHT * unease + RISE_WEIGHT * rise + SOUND_CONTRAST_WEIGHT * contrast


def squash_tension(unrest: Curve) -> Curve:
    """NEUTRAL_TENSION at no unrest, towards 0 below it and towards NEUTRAL_TENSION + REACH above; no kink between."""
    below = NEUTRAL_TENSION * (1.0 + np.tanh(np.minimum(unrest, 0.0) * REACH["tension"] / NEUTRAL_TENSION))
    above = NEUTRAL_TENSION + REACH["tension"] * np.tanh(np.maximum(unrest, 0.0))
    return np.where(unrest < 0.0, below, above)
