"""How strong the music is over a cue, and how densely written: straight lines through a few points."""

from __future__ import annotations

import math

import numpy as np

from scoring.analysis import Curve
from scoring.feeling import RATE_HZ, Feeling, smooth
from scoring.timebase import TimeRange

SMOOTHING_S = 4.0  # longer than the feeling's own: layers come and go by the bar
POINT_S = 2.0  # at most one point per this long, before simplifying
SIMPLIFY = 0.03  # a point that lies this near the line between its neighbours is left out

# How far the liveliest voice moves the density, and the least move that is worth a course of its own (design choices).
VOICE_SHARE = 0.6
LEAST_MOVE = SIMPLIFY

Point = tuple[float, float]


def intensity_of(feeling: Feeling, stretch: TimeRange) -> tuple[Point, ...]:
    """((film time s, 0..1), …) over a cue, from arousal −1..1. Points at both ends, simplified between.

    Smoothed within the cue alone: at its edges the music may step with the picture.
    """
    return _course(_inside(feeling.arousal, stretch), feeling, stretch)


def density_of(feeling: Feeling, stretch: TimeRange) -> tuple[Point, ...]:
    """The intensity of a cue moved by the voices in it: how many notes are to be written, never how loud they are.

    Empty, which means "as the intensity", where nobody speaks or as usual voices do.
    """
    if not len(feeling.voice):
        return ()
    moved = VOICE_SHARE * _inside(feeling.voice, stretch)
    if np.abs(moved).max() < LEAST_MOVE:
        return ()
    # Intensity is (arousal + 1) / 2, so that a move of it is twice that of arousal.
    return _course(np.clip(_inside(feeling.arousal, stretch) + 2 * moved, -1.0, 1.0), feeling, stretch)


def _course(lively: Curve, feeling: Feeling, stretch: TimeRange) -> tuple[Point, ...]:
    """Points through −1..1 values at the feeling's times in a stretch, brought to 0..1."""
    level = (smooth(lively, round(SMOOTHING_S * RATE_HZ)) + 1) / 2
    count = max(2, math.ceil(stretch.duration_s / POINT_S) + 1)
    times_s = np.linspace(stretch.start_s, stretch.end_s, count)
    values = np.interp(times_s, _inside(feeling.times_s, stretch), level)
    points = [(round(t, 6), round(v, 3)) for t, v in zip(times_s.tolist(), values.tolist(), strict=True)]
    return tuple(simplify(points))


def _inside(values: Curve, stretch: TimeRange) -> Curve:
    """The samples of a stretch, one at least."""
    first = min(math.floor(stretch.start_s * RATE_HZ + 0.5), len(values) - 1)
    return values[first : max(first + 1, math.floor(stretch.end_s * RATE_HZ + 0.5))]


def simplify(points: list[Point]) -> list[Point]:
    """Leave out points within SIMPLIFY of the line that is left (Douglas & Peucker 1973, distance in value only)."""
    if len(points) <= 2:
        return points
    (t0, v0), (t1, v1) = points[0], points[-1]
    off = [abs(v - (v0 + (v1 - v0) * (t - t0) / (t1 - t0))) for t, v in points]
    worst = max(range(len(points)), key=lambda k: off[k])
    if off[worst] <= SIMPLIFY:
        return [points[0], points[-1]]
    return simplify(points[: worst + 1])[:-1] + simplify(points[worst:])


def value_at(points: tuple[Point, ...], time_s: float) -> float:
    """The intensity at a film time: straight lines between the points, held at the ends."""
    return float(np.interp(time_s, [t for t, _ in points], [v for _, v in points]))


def clip(points: tuple[Point, ...], stretch: TimeRange) -> tuple[Point, ...]:
    """The same intensity over another stretch of the film, with points at both its ends."""
    inside = [(t, v) for t, v in points if stretch.start_s < t < stretch.end_s]
    first, last = ((t, round(value_at(points, t), 3)) for t in (stretch.start_s, stretch.end_s))
    return (first, *inside, last)
