"""`clip`: mood and place from what is in the picture, together with how it moves, sounds and is cut."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from scoring.analysis import Curve, EmotionCurve
from scoring.moods import mood_names, mood_probabilities
from scoring.vocabulary import AXES
from vision.activity import shot_of
from vision.analyser import Reading, StillWish
from vision.clip.anchors import Anchors
from vision.clip.encoder import Encoder
from vision.clip.queue import EncodingQueue
from vision.clip.readout import Opinion, read_out
from vision.colour import LookMeter
from vision.colour_motion import Units, in_units, squash_tension, unrest, weigh
from vision.cues import LOOK_SIGMA_S, Evidence, gather
from vision.frames import Still
from vision.relations import RELATIONS
from vision.smoothing import smooth
from vision.standing import standing

STILLS_PER_S = 2.0

# A part of where all pictures lie apart from all words may lie along an axis too, and nobody has measured how much:
# half of an axis is therefore where the picture stands within its film, as for the cues of colour-motion.
FILM_SHARE = 0.5

# Design choices, as no published read-out of CLIP has a scale for films. UNIT: how many standard deviations of the
# neutral bank move an axis by one unit before it is squashed; pictures lie closer together along an axis than words do.
# SHARE: how much the picture says beside motion, cuts and sound. For arousal no more than these: on LIRIS-ACCEDE static
# pictures reach r .10, movement and cuts .23, sound .14 (affect.md); for valence and tension the picture leads.
UNIT = 1.0
SHARE = {"valence": 0.9, "arousal": 0.5, "tension": 0.5}
REACH = {"valence": 0.85, "arousal": 0.85}
FUSED = ("motion", "cut_pace", "loudness")  # cues that the picture alone does not have
LIGHTING = 0.5  # how much of colour-motion's low-key lighting is left to tension: the words see darkness themselves

# On the scale of r, as in vision.confidence. What is in the picture knows most of what people feel (affect.md: themes
# explain 68 %), but no r of zero-shot CLIP on films was found in the literature: half way up is a design choice. A
# calibration brings its own, cross-validated.
ZERO_SHOT_CONFIDENCE = 0.45
UNSEEN = 0.35  # factor where the picture is a plain field
MOOD_SHARE = 0.5  # of the words for moods themselves, beside the place on the axes; design choice


class Calibration(Protocol):
    """What was fitted on somebody's own rated pictures."""

    @property
    def confidence(self) -> float:
        """0..1, mean cross-validated r of the two axes."""

    def apply(self, features: Curve) -> tuple[Curve, Curve]:
        """Valence and arousal, each [N] −1..1, from [N, F] features in the order of readout.anchor_names."""


class ClipAnalyser:
    """Implements vision.analyser.Analyser; follows one film at a time."""

    def __init__(self, encoder: Encoder, anchors: Anchors, calibration: Calibration | None = None) -> None:
        self._encoder = encoder
        self._anchors = anchors
        self._calibration = calibration
        self._looks, self._queue = LookMeter(), EncodingQueue(encoder)

    @property
    def name(self) -> str:
        """The encoder too, as it decides what is seen."""
        return f"clip {self._encoder.name}" + (", calibrated" if self._calibration is not None else "")

    @property
    def wants(self) -> StillWish:
        """Stills of the network's own size, so that nothing is scaled twice."""
        return StillWish(self._encoder.side_px, STILLS_PER_S, shot_starts=True)

    def see(self, still: Still) -> None:
        """Measure the still's colours and put it in line for the encoder."""
        self._looks.see(still)
        self._queue.put(still.rgb)

    def read(self, reading: Reading) -> EmotionCurve:
        """The curve at CURVE_RATE_HZ from 0 s to the end of the film, neutral where there was nothing to see."""
        looks, vectors = self._looks, self._queue.finish()
        self._looks, self._queue = LookMeter(), EncodingQueue(self._encoder)
        evidence = gather(looks, reading)
        opinion = read_out(self._anchors, vectors.reshape(-1, self._anchors.axes.shape[1]))
        seen = _over_time(opinion, looks.times_s, reading, evidence)
        stands = {axis: standing(seen.axes[:, column] / UNIT, FILM_SHARE) for column, axis in enumerate(AXES)}
        units = in_units(evidence)
        valence, arousal = self._axes(stands, seen.features, units)
        tension = squash_tension(
            SHARE["tension"] * stands["tension"]
            + LIGHTING * weigh("tension", units)
            + unrest(valence, arousal, evidence)
        )
        return EmotionCurve(
            times_s=evidence.times_s,
            valence=valence,
            arousal=arousal,
            tension=tension,
            confidence=self._confidence(evidence),
            moods=mood_names(),
            mood_probabilities=_blended(mood_probabilities(valence, arousal, tension), seen.moods, evidence.visible),
            analyser=self.name,
            settings=self._anchors.vocabulary.setting_names,
            setting_probabilities=seen.settings,
            read_from=("picture", "motion", "cuts", *(("sound",) if evidence.audible else ())),
        )

    def _axes(self, stands: Units, features: Curve, units: Units) -> tuple[Curve, Curve]:
        """Valence and arousal. What moves, sounds and is cut joins the picture's arousal before it is squashed."""
        moved = _fused("arousal", units)
        if self._calibration is None:
            valence = np.tanh(SHARE["valence"] * stands["valence"])
            arousal = np.tanh(SHARE["arousal"] * stands["arousal"] + moved)
            return REACH["valence"] * valence, REACH["arousal"] * arousal
        valence, arousal = self._calibration.apply(features)
        return np.clip(valence, -1.0, 1.0), np.tanh(np.arctanh(np.clip(arousal, -0.99, 0.99)) + moved)

    def _confidence(self, evidence: Evidence) -> Curve:
        known = ZERO_SHOT_CONFIDENCE if self._calibration is None else self._calibration.confidence
        return np.asarray(np.clip(known * (UNSEEN + (1.0 - UNSEEN) * evidence.visible), 0.0, 1.0), np.float64)


def _fused(axis: str, units: Units) -> Curve:
    terms = [r.weight * units[r.cue] for r in RELATIONS if r.axis == axis and r.cue in FUSED]
    return np.asarray(np.sum(terms, axis=0), np.float64)


def _over_time(opinion: Opinion, stills_s: Curve, reading: Reading, evidence: Evidence) -> Opinion:
    """The opinions at the curve's times, smoothed within each shot, never across a cut.

    A still that shows next to nothing says next to nothing; where nothing was seen the axes are 0, the place none.
    """
    times_s = evidence.times_s
    widths = [part.shape[1] for part in (opinion.axes, opinion.moods, opinion.settings, opinion.features)]
    if len(stills_s) == 0:
        axes, moods, settings, features = (np.zeros((len(times_s), width)) for width in widths)
        moods[:], settings[:, -1] = 1.0 / widths[1], 1.0
        return Opinion(axes, moods, settings, features)
    cuts = reading.shots.cuts
    says = np.maximum(np.interp(stills_s, times_s, evidence.visible), 0.01)
    parts = np.concatenate([opinion.axes, opinion.moods, opinion.settings, opinion.features], axis=1)
    smoothed = smooth(stills_s, parts, says, shot_of(stills_s, cuts), times_s, shot_of(times_s, cuts), LOOK_SIGMA_S)
    axes, moods, settings, features = np.split(smoothed, np.cumsum(widths)[:-1], axis=1)
    visible = evidence.visible[:, None]
    settings = settings * visible
    settings[:, -1] += 1.0 - visible[:, 0]
    return Opinion(axes * visible, moods, settings, features)


def _blended(places: Curve, words: Curve, visible: Curve) -> Curve:
    """[T, M] the two opinions on the mood multiplied, each with its share, and made to sum to 1 again."""
    share = MOOD_SHARE * visible[:, None]
    weights = np.maximum(places, 1e-12) ** (1.0 - share) * np.maximum(words, 1e-12) ** share
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float64)
