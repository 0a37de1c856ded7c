"""From a picture's vector to what it feels like and where it is: zero-shot, nothing fitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scoring.analysis import Curve
from vision.clip.anchors import Anchors
from vision.clip.encoder import Vectors

# CLIP's own trained temperature ends at its limit of 100 (Radford et al. 2021, §2.5): with it a softmax over cosines is
# the model's own zero-shot classification. Moods overlap where classes exclude each other; half of it: design choice.
PLACE_SHARPNESS = 100.0
MOOD_SHARPNESS = 50.0


@dataclass(frozen=True, slots=True)
class Opinion:
    """What N pictures say.

    axes: [N, 3] valence, arousal, tension in standard deviations of the neutral bank from its mean, unbounded.
    moods: [N, M] and settings: [N, S + 1], the last for none of them; rows sum to 1. features: [N, F], for calibration.
    """

    axes: Curve
    moods: Curve
    settings: Curve
    features: Curve


def read_out(anchors: Anchors, vectors: Vectors) -> Opinion:
    """vectors: [N, D], rows of length 1.

    An axis: the cosine with its direction, less the neutral bank's mean, over its standard deviation. Pictures and
    texts lie apart in the space, but by nearly the same step for all, at right angles to differences of texts (Liang et
    al. 2022, "Mind the gap", NeurIPS): along an axis it falls out. For moods and places, where it would not, only
    cosines of the same picture are compared.
    """
    rows = vectors.astype(np.float32)
    similar = rows @ anchors.neutral.T
    places = PLACE_SHARPNESS * (rows @ anchors.settings.T)
    nowhere = _log_mean_exp(PLACE_SHARPNESS * similar)
    return Opinion(
        axes=np.asarray((rows @ anchors.axes.T - anchors.middle) / anchors.spread, np.float64),
        moods=_softmax(MOOD_SHARPNESS * (rows @ anchors.moods.T)),
        settings=_softmax(np.concatenate([places, nowhere[:, None]], axis=1)),
        features=_features(anchors, rows),
    )


def anchor_names(anchors: Anchors) -> tuple[str, ...]:
    """The F features, in order: "valence+ joyful", "mood calm", "setting sea"."""
    vocabulary = anchors.vocabulary
    return (
        *anchors.pole_names,
        *(f"mood {name}" for name in vocabulary.moods),
        *(f"setting {name}" for name in vocabulary.settings),
    )


def _features(anchors: Anchors, rows: Vectors) -> Curve:
    """[N, F] cosines with every pole word, mood and setting, less the picture's mean cosine with the neutral bank."""
    bank = np.concatenate([anchors.pole_words, anchors.moods, anchors.settings])
    return np.asarray(rows @ bank.T - (rows @ anchors.neutral.T).mean(axis=1, keepdims=True), np.float64)


def _softmax(logits: Vectors) -> Curve:
    weights = np.exp(np.asarray(logits, np.float64) - logits.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float64)


def _log_mean_exp(logits: Vectors) -> Vectors:
    """[N] the whole bank as one class: its captions share one vote."""
    most = logits.max(axis=1, keepdims=True, initial=-np.inf)
    return np.asarray(np.log(np.exp(logits - most).mean(axis=1)) + most[:, 0], np.float32)
