"""An analysis in short: a line about the whole film, its shots and moods in numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pipeline.chart.stretches import Stretch, leading
from scoring.analysis import Analysis, Curve, EmotionCurve
from scoring.timebase import TimeRange, clock

SCHEMA = "cuesmith.curve/1"
# Confidence is on the scale of a correlation with what people say. The words for it are a design choice.
_WORDS = ((0.2, "very low"), (0.4, "low"), (0.6, "fair"), (0.8, "good"), (np.inf, "very good"))


@dataclass(frozen=True, slots=True)
class ShotSummary:
    """A shot, [in_s, out_s) seconds, with the means of its curve and the mood that leads in it.

    valence, arousal: −1..1. tension, confidence, mood_probability: 0..1. setting: "" where the analyser knows none.
    """

    number: int
    in_s: float
    out_s: float
    valence: float
    arousal: float
    tension: float
    confidence: float
    mood: str
    mood_probability: float
    setting: str


def summarise(analysis: Analysis) -> tuple[ShotSummary, ...]:
    """One summary a shot, in order."""
    return tuple(_summary(i + 1, shot, analysis.curve) for i, shot in enumerate(analysis.shots.ranges))


def mood_stretches(analysis: Analysis) -> tuple[Stretch, ...]:
    """Where which mood leads, as in the picture's ribbon."""
    curve = analysis.curve
    return leading(curve.times_s, curve.mood_probabilities, curve.moods, analysis.shots)


def summary_json(analysis: Analysis) -> dict[str, Any]:
    """Plain values, rounded to four decimals; times to the millisecond."""
    curve = analysis.curve
    return {
        "schema": SCHEMA,
        "duration_s": round(analysis.duration_s, 3),
        "analyser": curve.analyser,
        "read_from": list(curve.read_from),
        "confidence": round(_mean(curve.confidence), 4),
        "shots": [_rounded(asdict(shot)) for shot in summarise(analysis)],
        "moods": [
            {
                "mood": stretch.name,
                "in_s": round(stretch.start_s, 3),
                "out_s": round(stretch.end_s, 3),
                "mood_probability": round(stretch.share, 4),
            }
            for stretch in mood_stretches(analysis)
        ],
        "speech_s": round(sum(region.duration_s for region in analysis.speech.regions), 3),
        "source_music_s": round(sum(region.duration_s for region in analysis.source_music.regions), 3),
    }


def describe(analysis: Analysis) -> str:
    """A line for people: how long, how many shots, by which analyser, from what, and how far to trust it."""
    curve, shots = analysis.curve, len(analysis.shots.ranges)
    source = f", read from {_listed(curve.read_from)}" if curve.read_from else ""
    sure = _mean(curve.confidence)
    words = next(word for below, word in _WORDS if sure < below)
    return (
        f"{clock(analysis.duration_s)} long, {shots} {'shot' if shots == 1 else 'shots'}  ·  "
        f"analyser {curve.analyser}{source}  ·  confidence {words} ({sure:.2f} of 1)"
    )


def rows_of(curve: EmotionCurve, stretch: TimeRange) -> slice:
    """The curve's rows within a stretch; of one too short to hold any, the row that stands when it begins."""
    first, last = np.searchsorted(curve.times_s, (stretch.start_s, stretch.end_s), side="left")
    if first < last:
        return slice(int(first), int(last))
    stands = max(0, int(np.searchsorted(curve.times_s, stretch.start_s, side="right")) - 1)
    return slice(stands, stands + 1)


def _summary(number: int, shot: TimeRange, curve: EmotionCurve) -> ShotSummary:
    rows = rows_of(curve, shot)
    mood, share = _leader(curve.mood_probabilities, curve.moods, rows)
    return ShotSummary(
        number=number,
        in_s=shot.start_s,
        out_s=shot.end_s,
        valence=_mean(curve.valence[rows]),
        arousal=_mean(curve.arousal[rows]),
        tension=_mean(curve.tension[rows]),
        confidence=_mean(curve.confidence[rows]),
        mood=mood,
        mood_probability=share,
        setting=_leader(curve.setting_probabilities, curve.settings, rows)[0],
    )


def _leader(probabilities: Curve, names: tuple[str, ...], rows: slice) -> tuple[str, float]:
    if not names or len(probabilities[rows]) == 0:
        return "", 0.0
    means = probabilities[rows].mean(axis=0)
    return names[int(means.argmax())], float(means.max())


def _mean(values: Curve) -> float:
    return float(values.mean()) if len(values) else 0.0


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    places = {"in_s": 3, "out_s": 3}
    return {k: round(v, places.get(k, 4)) if isinstance(v, float) else v for k, v in values.items()}


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
