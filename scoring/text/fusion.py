"""Brings what was said into the emotion curve.

Two readings of one feeling are put together by how far each can be trusted: each weighs confidence / (1 − confidence),
the inverse of a variance, so that words move a guess from colours far and a good look at the picture less. All weights
are design choices: no film here has both subtitles and a rating to fit them on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from scoring.analysis import Curve, EmotionCurve
from scoring.moods import mood_names, mood_probabilities
from scoring.text.feeling import TextFeeling
from scoring.text.said import Kind, Said, TimedFeeling

LINGER_S = 4.0  # a line is felt this long before and after it, less and less
# How much of a text's weight counts: the people of a film speak of things that the film does not feel.
TRUST: dict[Kind, float] = {"subtitles": 0.6, "description": 0.6, "transcript": 0.3}
AROUSAL_SHARE = 0.4  # of that weight; how loud and fast somebody speaks is heard elsewhere
MOST_WEIGHT = 1.5  # of words at any time, however many lines overlap: as a confidence of 0.6
# An analyser's confidence of 0 or 1 would leave nothing to weigh.
_LEAST_CONFIDENCE, _MOST_CONFIDENCE = 0.02, 0.98
_FLOOR = 1e-3  # below it the odds of two moods say nothing


@dataclass(frozen=True, slots=True)
class _Spoken:
    """What words say of one axis over time. value: [T]; weight: [T] ≥ 0, 0 where they say nothing."""

    value: Curve
    weight: Curve


def fuse(curve: EmotionCurve, said: Sequence[Said]) -> EmotionCurve:
    """The curve with what was said in it; the same curve where nothing was.

    Subtitles move valence, and arousal and tension a little, while they are said and LINGER_S around; a text without
    times moves the whole curve and leaves its contrasts. read_from names each text that counted.
    """
    fused = curve
    for text in said:
        if text.says_something and len(curve.times_s):
            felt = _fuse_lines(fused, text) if text.lines else _shift(fused, text)
            fused = replace(felt, read_from=(*fused.read_from, text.label))
    return fused


def _fuse_lines(curve: EmotionCurve, said: Said) -> EmotionCurve:
    trust = TRUST[said.kind]
    valence = _spoken(curve.times_s, [(line, line.feeling.valence) for line in said.lines], trust)
    arousal = _spoken(curve.times_s, [(line, line.feeling.arousal) for line in said.lines], trust * AROUSAL_SHARE)
    tension = _spoken(curve.times_s, [(line, line.feeling.tension) for line in said.lines], trust * AROUSAL_SHARE)
    own = _weight(curve.confidence)
    return _with(
        curve,
        _blend(curve.valence, own, valence),
        _blend(curve.arousal, own, arousal),
        _blend(curve.tension, own, tension),
        valence.weight,
    )


def _spoken(times_s: Curve, lines: Sequence[tuple[TimedFeeling, float | None]], trust: float) -> _Spoken:
    value, weight = np.zeros(len(times_s)), np.zeros(len(times_s))
    for line, said in lines:
        if said is None or line.feeling.confidence <= 0:
            continue
        first = np.searchsorted(times_s, line.start_s - LINGER_S, "right")
        last = np.searchsorted(times_s, line.end_s + LINGER_S, "left")
        near_s = times_s[first:last]
        away_s = np.maximum(np.maximum(line.start_s - near_s, near_s - line.end_s), 0.0)
        own = trust * float(_weight(line.feeling.confidence)) * np.cos(np.pi / 2 * away_s / LINGER_S) ** 2
        value[first:last] += own * said
        weight[first:last] += own
    value = np.divide(value, weight, out=np.zeros_like(value), where=weight > 0)
    return _Spoken(value, np.minimum(weight, MOST_WEIGHT))


def _blend(own: Curve, own_weight: Curve, spoken: _Spoken) -> Curve:
    blended = own + (spoken.value - own) * spoken.weight / (own_weight + spoken.weight)
    return np.where(spoken.weight > 0, blended, own)


def _shift(curve: EmotionCurve, said: Said) -> EmotionCurve:
    """Move the means towards what the text says."""
    feeling: TextFeeling = said.whole
    weight = min(TRUST[said.kind] * float(_weight(feeling.confidence)), MOST_WEIGHT)
    own = float(_weight(curve.confidence).mean())

    def moved(values: Curve, towards: float | None, share: float, lowest: float) -> Curve:
        if towards is None:
            return values
        step = (towards - values.mean()) * share * weight / (own + share * weight)
        return np.asarray(np.clip(values + step, lowest, 1.0), np.float64)

    return _with(
        curve,
        moved(curve.valence, feeling.valence, 1.0, -1.0),
        moved(curve.arousal, feeling.arousal, AROUSAL_SHARE, -1.0),
        moved(curve.tension, feeling.tension, AROUSAL_SHARE, 0.0),
        np.full(len(curve.times_s), weight),
    )


def _with(curve: EmotionCurve, valence: Curve, arousal: Curve, tension: Curve, weight: Curve) -> EmotionCurve:
    """The curve with new feelings where words weigh something: their moods follow, confidence rises.

    What the picture said of moods beyond the three axes is kept: its probabilities are changed by the odds between the
    old place and the new one.
    """
    touched = weight > 0
    confidence = np.where(touched, _confidence(_weight(curve.confidence) + weight), curve.confidence)
    moods = curve.mood_probabilities
    if curve.moods == mood_names() and touched.any():
        before = mood_probabilities(curve.valence, curve.arousal, curve.tension)
        after = mood_probabilities(valence, arousal, tension)
        rows = moods * (after + _FLOOR) / (before + _FLOOR)
        moods = np.where(touched[:, None], rows / rows.sum(axis=1, keepdims=True), moods)
    return replace(
        curve,
        valence=valence,
        arousal=arousal,
        tension=tension,
        confidence=np.maximum(confidence, curve.confidence),
        mood_probabilities=moods,
    )


def _weight(confidence: Curve | float) -> Curve:
    bounded = np.clip(np.asarray(confidence, np.float64), _LEAST_CONFIDENCE, _MOST_CONFIDENCE)
    return np.asarray(bounded / (1.0 - bounded), np.float64)


def _confidence(weight: Curve) -> Curve:
    return np.asarray(weight / (1.0 + weight), np.float64)
