from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from scoring.feeling import Feeling
from scoring.intensity import SIMPLIFY, VOICE_SHARE, Point, clip, density_of, intensity_of, simplify, value_at
from scoring.timebase import TimeRange

curves = st.lists(st.floats(0, 1), min_size=2, max_size=40).map(lambda vs: [(float(t), v) for t, v in enumerate(vs)])


@given(curves)
def test_simplifying_moves_the_line_by_no_more_than_it_may(points: list[Point]) -> None:
    simple = tuple(simplify(points))
    assert set(simple) <= set(points)
    assert (simple[0], simple[-1]) == (points[0], points[-1])
    assert all(abs(value_at(simple, t) - v) <= SIMPLIFY + 1e-9 for t, v in points)


@given(curves, st.floats(-5, 45), st.floats(0.5, 50))
def test_clipping_keeps_the_line_where_it_was(points: list[Point], start_s: float, length_s: float) -> None:
    stretch = TimeRange(start_s, start_s + length_s)
    clipped = clip(tuple(points), stretch)
    assert (clipped[0][0], clipped[-1][0]) == (stretch.start_s, stretch.end_s)
    assert all(a < b for (a, _), (b, _) in pairwise(clipped))
    for time_s in np.linspace(stretch.start_s, stretch.end_s, 7):
        assert value_at(clipped, time_s) == pytest.approx(value_at(tuple(points), time_s), abs=1e-3)


def test_intensity_steps_with_the_picture_at_a_cues_edge() -> None:
    arousal = np.repeat([-0.8, 0.8], 40)
    feeling = Feeling(np.zeros(80), arousal, np.zeros(80))
    assert intensity_of(feeling, TimeRange(0.0, 20.0)) == ((0.0, 0.1), (20.0, 0.1))
    assert intensity_of(feeling, TimeRange(20.0, 40.0)) == ((20.0, 0.9), (40.0, 0.9))


values = st.lists(st.floats(-1, 1), min_size=40, max_size=40).map(np.array)


@given(values, values)
def test_density_follows_the_voices_within_its_bounds(arousal: NDArray[np.float64], voice: NDArray[np.float64]) -> None:
    feeling = Feeling(np.zeros(40), arousal, np.zeros(40), voice)
    intensity, density = (course(feeling, TimeRange(0.0, 20.0)) for course in (intensity_of, density_of))
    assert all(0.0 <= value <= 1.0 for _, value in density)
    for time_s in np.linspace(0.0, 20.0, 11) if density else ():
        apart = value_at(density, time_s) - value_at(intensity, time_s)
        assert abs(apart) <= VOICE_SHARE + 2 * SIMPLIFY + 1e-3
        if (voice >= 0).all():
            assert apart >= -2 * SIMPLIFY - 1e-3
