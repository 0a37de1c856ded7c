from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.timebase import FrameRate, TimeRange, clock, samples_at, seconds_of

RATES = [FrameRate(24000, 1001), FrameRate(25), FrameRate(30000, 1001), FrameRate(60000, 1001), FrameRate(120)]
DAY_S = 86_400


@pytest.mark.parametrize("rate", RATES, ids=str)
@given(data=st.data())
def test_the_frame_at_a_frames_time_is_that_frame_all_day(rate: FrameRate, data: st.DataObject) -> None:
    frame = data.draw(st.integers(0, DAY_S * 120))
    assert rate.frame_at(rate.time_of(frame)) == frame
    assert rate.frame_at(round(rate.time_of(frame), 6)) == frame  # as cue sheets hold it


def test_ntsc_time_does_not_drift_over_a_day() -> None:
    rate = FrameRate(30000, 1001)
    frames = 30000 * DAY_S // 1001
    exact = Fraction(frames * 1001, 30000)
    assert abs(rate.time_of(frames) - exact) < 1e-9
    assert abs(seconds_of(samples_at(rate.time_of(frames))) - exact) <= 0.5 / 48_000


@given(st.integers(0, DAY_S * 48_000))
def test_samples_survive_the_way_through_seconds(samples: int) -> None:
    assert samples_at(seconds_of(samples)) == samples


@pytest.mark.parametrize(
    ("spoken", "meant"),
    [
        (29.97, "30000/1001"),
        (23.976, "24000/1001"),
        (59.94, "60000/1001"),
        (30000 / 1001, "30000/1001"),
        (25.0, "25/1"),
        (24.0, "24/1"),
        (12.5, "25/2"),
    ],
)
def test_a_rounded_rate_is_the_rate_that_was_meant(spoken: float, meant: str) -> None:
    assert str(FrameRate.nearest(spoken)) == meant


@given(st.sampled_from(RATES))
def test_rates_survive_the_way_through_text(rate: FrameRate) -> None:
    assert FrameRate.parse(str(rate)) == rate


@pytest.mark.parametrize(("numerator", "denominator"), [(0, 1), (-25, 1), (25, 0)])
def test_a_rate_that_is_not_positive_is_refused(numerator: int, denominator: int) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        FrameRate(numerator, denominator)


def test_a_range_holds_its_start_and_not_its_end() -> None:
    stretch = TimeRange(1.0, 3.0)
    assert [stretch.contains(t) for t in (0.99, 1.0, 2.99, 3.0)] == [False, True, True, False]
    assert stretch.duration_s == 2.0


@pytest.mark.parametrize(("start_s", "end_s"), [(1.0, 1.0), (2.0, 1.0), (0.0, float("nan")), (0.0, float("inf"))])
def test_a_range_that_does_not_run_forward_is_refused(start_s: float, end_s: float) -> None:
    with pytest.raises(ValueError, match="must run forward"):
        TimeRange(start_s, end_s)


@pytest.mark.parametrize(("time_s", "text"), [(7.5, "0:07.5"), (59.96, "1:00.0"), (0, "0:00.0"), (3723.4, "1:02:03.4")])
def test_a_clock_reads_as_people_read_it(time_s: float, text: str) -> None:
    assert clock(time_s) == text
