"""What the film shows: the setting of a stretch, its mood in the analyser's own words, the style that suits it all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scoring.analysis import Curve, EmotionCurve
from scoring.moods import mood_names, mood_probabilities
from scoring.timebase import TimeRange
from scoring.vocabulary import NOWHERE, Vocabulary, first_known

# Design choices. A setting counts from this mean probability on: with thirty of them ten times what chance gives one.
# A style is taken without being asked for only where it leads the usual one by this much of the film.
LEAST_SHARE = 0.35
STYLE_LEAD = 0.15
SECOND_LIKING = 0.25
MOOD_VOTE = 0.5  # of a mood on the style, beside one of a setting; a setting says what for, a mood only how


@dataclass(frozen=True, slots=True)
class Place:
    """The setting of a stretch, "" where none leads; share: its mean probability there, 0..1."""

    name: str = ""
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Leaning:
    """The style that suits a film. share: its part of the votes; usual_share: that of the usual style."""

    style: str
    share: float
    usual_share: float


def place_of(curve: EmotionCurve, stretch: TimeRange) -> Place:
    """Where a stretch plays, as far as the analyser knows places."""
    if not curve.settings:
        return Place()
    shares = _mean(curve, curve.setting_probabilities, stretch)
    best = int(shares.argmax())
    name = curve.settings[best]
    if name == NOWHERE or shares[best] < LEAST_SHARE:
        return Place()
    return Place(name, round(float(shares[best]), 4))


def mood_of(curve: EmotionCurve, stretch: TimeRange, feeling: tuple[float, float, float]) -> str:
    """The mood of a stretch whose feeling (valence, arousal, tension) spotting has widened.

    The nearest on the axes; where the analyser looks at what is shown, its own opinion on moods counts as much.
    """
    places = mood_probabilities(*([value] for value in feeling))[0]
    if curve.settings and curve.moods == mood_names():
        places = np.sqrt(places * _mean(curve, curve.mood_probabilities, stretch))
    return mood_names()[int(places.argmax())]


def leaning(curve: EmotionCurve, vocabulary: Vocabulary, known: Sequence[str], usual: str) -> Leaning | None:
    """The style that the film's settings and moods vote for; None where the analyser knows no places.

    Every moment has a vote for the style that its setting lists first, and MOOD_VOTE of one for its mood's; of several
    known styles in a list each has SECOND_LIKING of the one before. The usual style stays unless another leads it by
    STYLE_LEAD.
    """
    if not curve.settings or not len(curve.times_s):
        return None
    votes = dict.fromkeys(known, 0.0)
    for names, rows, entries, weight in (
        (curve.settings, curve.setting_probabilities, vocabulary.settings, 1.0),
        (curve.moods, curve.mood_probabilities, vocabulary.moods, MOOD_VOTE),
    ):
        for name, share in zip(names, rows.mean(axis=0).tolist(), strict=True):
            if name in entries:
                liked = [style for style in entries[name].styles if style in votes]
                for rank, style in enumerate(liked):
                    votes[style] += weight * share * SECOND_LIKING**rank
    total = max(sum(votes.values()), 1e-9)
    best = max(known, key=lambda style: (votes[style], style == usual))
    usual_share = round(votes.get(usual, 0.0) / total, 4)
    share = round(votes[best] / total, 4)
    if share < usual_share + STYLE_LEAD:
        return Leaning(usual, usual_share, usual_share)
    return Leaning(best, share, usual_share)


def palette_of(place: Place, vocabulary: Vocabulary, known: Sequence[str]) -> tuple[str, ...]:
    """The instruments that a place brings: one, so that the style still has its own colours."""
    entry = vocabulary.settings.get(place.name)
    chosen = first_known(entry.instruments, known) if entry is not None else None
    return (chosen,) if chosen is not None else ()


def _mean(curve: EmotionCurve, rows: Curve, stretch: TimeRange) -> Curve:
    """[K] the mean of [T, K] rows over a stretch; the row nearest to its middle where none lies in it."""
    inside = (curve.times_s >= stretch.start_s) & (curve.times_s < stretch.end_s)
    if not inside.any():
        inside[int(np.abs(curve.times_s - (stretch.start_s + stretch.end_s) / 2).argmin())] = True
    return np.asarray(rows[inside].mean(axis=0), np.float64)
