"""Analyses made up for tests: of any length, with or without places, voices, cuts, speech and music."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scoring.analysis import Activity, Analysis, Cut, EmotionCurve, Shots
from scoring.moods import mood_names, mood_probabilities
from scoring.speech import SourceMusic, Speech, SpeechRegion
from scoring.timebase import TimeRange

PLACES = ("none", "sea", "city at night", "forest", "sport", "kitchen", "wedding", "battle", "office")


def made_up(
    duration_s: float,
    *,
    seed: int = 0,
    cuts: int = 0,
    dissolves: bool = False,
    places: bool = False,
    voice: bool = False,
    speech: bool = False,
    silent: bool = False,
    rate_hz: float = 2.0,
) -> Analysis:
    """A wandering curve, 2 Hz, with evenly strewn cuts."""
    rng = np.random.default_rng(seed)
    times_s = np.arange(0.0, duration_s, 1.0 / rate_hz)
    count = len(times_s)
    valence, arousal = (np.tanh(_wandering(rng, count)) for _ in range(2))
    tension = (np.tanh(_wandering(rng, count)) + 1.0) / 2.0
    shares = np.exp(np.stack([_wandering(rng, count, 0.5) for _ in PLACES], axis=1))
    cut_times_s = np.unique(np.round(rng.uniform(0.01, 0.99, cuts) * duration_s, 3))
    length_s = min(1.0, duration_s / (4 * cuts + 1))
    steps = max(1, round(duration_s * 10))
    return Analysis(
        duration_s,
        Shots(
            duration_s,
            tuple(
                Cut(float(t), "dissolve", 0.7, float(t) - length_s / 2, float(t) + length_s / 2)
                if dissolves and i % 5 == 0 and t > length_s
                else Cut(float(t), "cut", 0.9)
                for i, t in enumerate(cut_times_s)
            ),
            (0.3,) * (len(cut_times_s) + 1),
        ),
        EmotionCurve(
            times_s=times_s,
            valence=valence,
            arousal=arousal,
            tension=tension,
            confidence=np.clip(0.4 + 0.2 * _wandering(rng, count), 0.0, 1.0),
            moods=mood_names(),
            mood_probabilities=mood_probabilities(valence, arousal, tension),
            analyser="made-up",
            settings=PLACES if places else (),
            setting_probabilities=shares / shares.sum(axis=1, keepdims=True) if places else np.zeros((0, 0)),
            voice=np.tanh(_wandering(rng, count)) if voice else np.zeros(0),
            read_from=("picture", "motion", "sound"),
        ),
        Activity(
            10.0,
            np.clip(rng.normal(0.2, 0.1, steps), 0.0, 1.0),
            np.full(steps, -120.0) if silent else rng.normal(-30.0, 6.0, steps).clip(-120.0, 0.0),
        ),
        Speech(tuple(SpeechRegion(a, b, -23.0) for a, b in _spans(duration_s, 7.0))) if speech else Speech(),
        SourceMusic(tuple(TimeRange(a, b) for a, b in _spans(duration_s, 31.0))) if speech else SourceMusic(),
    )


def _wandering(rng: np.random.Generator, count: int, step: float = 0.15) -> NDArray[np.float64]:
    steps = rng.normal(0.0, step, count)
    walk = np.zeros(count)
    for i in range(count):  # pulled back to zero, so that it wanders and does not leave
        walk[i] = (0.98 * walk[i - 1] if i else rng.normal()) + steps[i]
    return walk


def _spans(duration_s: float, period_s: float) -> list[tuple[float, float]]:
    starts = np.arange(period_s / 3, duration_s, period_s)
    return [(float(a), float(min(duration_s, a + period_s / 2))) for a in starts if a < duration_s - 0.01]
