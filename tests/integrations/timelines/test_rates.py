from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.timelines.rates import known_rates, timeline_rate
from scoring.timebase import FrameRate
from scoring.timecode import Timecode


def test_every_known_rate_keeps_itself_and_has_timecode() -> None:
    for rate in known_rates():
        assert timeline_rate(rate) == (rate, "")
        assert Timecode(rate).counted >= 24


@pytest.mark.parametrize(
    ("film", "timeline"),
    [
        (FrameRate(25, 2), FrameRate(25)),
        (FrameRate(15), FrameRate(30)),
        (FrameRate(12), FrameRate(24)),
        (FrameRate(15_000, 1001), FrameRate(30_000, 1001)),
        (FrameRate(120), FrameRate(60)),
        (FrameRate(18), FrameRate(24_000, 1001)),
    ],
)
def test_a_rate_that_no_program_knows_gets_one_that_serves_and_it_is_said(film: FrameRate, timeline: FrameRate) -> None:
    rate, told = timeline_rate(film)
    assert rate == timeline
    assert "no program" in told


def test_a_measured_rate_is_the_known_one_that_it_is_nearly() -> None:
    assert timeline_rate(FrameRate(2997, 100)) == (FrameRate(30_000, 1001), "")
    assert timeline_rate(FrameRate(23_976, 1000)) == (FrameRate(24_000, 1001), "")


@given(st.fractions(1, 240, max_denominator=1001))
def test_a_variable_rate_always_gets_a_constant_one_and_a_word_about_it(average: object) -> None:
    rate, told = timeline_rate(FrameRate.parse(str(average)), is_variable=True)
    assert rate in known_rates()
    assert "varies" in told
