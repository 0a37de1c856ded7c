from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.report.drawing.axis import UNITS, Axis, Scale
from pipeline.report.drawing.series import MOST_POINTS, line, outline, runs, thinned

ODD = st.one_of(st.floats(-60, 60), st.sampled_from([np.nan, np.inf, -np.inf]))


@settings(deadline=None)
@given(st.lists(ODD, min_size=1, max_size=60), st.integers(1, 120))
def test_a_thinned_series_keeps_its_extremes_and_what_is_known(values: list[float], repeat: int) -> None:
    series = np.repeat(np.array(values), repeat)
    known = series[np.isfinite(series)]
    for keep, extreme in (("low", np.min), ("high", np.max)):
        times_s, few = thinned(series, 10.0, keep)  # type: ignore[arg-type]
        assert len(times_s) == len(few) <= MOST_POINTS
        assert np.all(np.diff(times_s) > 0)
        assert 0 < times_s[0] <= times_s[-1] < len(series) / 10
        found = few[~np.isnan(few)]
        assert np.all(np.isfinite(found))
        assert (len(found) == 0) == (len(known) == 0)
        if len(known):
            assert extreme(found) == extreme(known)


@settings(deadline=None)
@given(st.lists(ODD, min_size=1, max_size=200))
def test_a_thinned_mean_lies_among_what_is_known(values: list[float]) -> None:
    series = np.repeat(np.array(values), 30)
    _, few = thinned(series, 10.0, "mean")
    known = series[np.isfinite(series)]
    found = few[np.isfinite(few)]
    assert (len(found) == 0) == (len(known) == 0)
    if len(known):
        assert known.min() - 1e-6 <= found.min() <= found.max() <= known.max() + 1e-6


@settings(deadline=None)
@given(st.lists(st.booleans(), max_size=50))
def test_runs_cover_just_what_is_true(known: list[bool]) -> None:
    covered = np.zeros(len(known), bool)
    for first, last in runs(np.array(known, bool)):
        assert first < last
        covered[first:last] = True
    assert covered.tolist() == known


def test_a_line_begins_anew_after_a_gap_and_a_lone_point_is_drawn() -> None:
    axis, scale = Axis(5.0), Scale(0.0, 1.0, 10, air_px=0.0)
    times_s = np.array([0.5, 1.5, 2.5, 3.5, 4.5])
    drawn = line(axis, scale, times_s, np.array([0.0, 1.0, np.nan, 0.5, np.nan]))
    assert drawn == "M480 10.0L1440 0.0M3360 5.0L3360 5.0"


def test_silence_is_a_line_in_a_waveform() -> None:
    drawn = outline(Axis(2.0), np.array([0.5, 1.5]), np.array([0.0, 5.0]), 20)
    assert drawn == "M1200 9.6L3600 1.0L3600 19.0L1200 10.4Z"


@settings(deadline=None)
@given(st.floats(allow_nan=True, allow_infinity=True), st.floats(0.1, 1e5))
def test_every_time_has_a_place_on_the_axis(time_s: float, duration_s: float) -> None:
    axis = Axis(duration_s)
    assert 0 <= axis.unit(time_s) <= UNITS
    assert 0.0 <= float(axis.at(time_s).rstrip("%")) <= 100.0
