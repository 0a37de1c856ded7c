"""Seconds to frames."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music_engine.ace_step.sampling.ranges import FRAMES_PER_S, Added, FrameRange, frame_at
from music_engine.ace_step.sampling.settings import SamplingSettings
from scoring.errors import InputError

FIXED, REFERENCE = SamplingSettings(), SamplingSettings(compat="reference")


@given(st.floats(-300, 300))
def test_a_time_is_at_most_half_a_frame_from_its_frame(time_s: float) -> None:
    assert abs(frame_at(time_s, FIXED) - time_s * FRAMES_PER_S) <= 0.5 + 1e-6


@given(st.floats(-300, 300))
def test_the_reference_truncates_towards_zero(time_s: float) -> None:
    found = frame_at(time_s, REFERENCE)
    assert abs(found) <= abs(time_s) * FRAMES_PER_S + 1e-6
    assert abs(found - time_s * FRAMES_PER_S) < 1 + 1e-6


def test_a_start_just_before_the_source_is_a_frame_before_it_where_the_reference_has_none() -> None:
    assert frame_at(-0.05, FIXED) == -1
    assert frame_at(-0.05, REFERENCE) == 0


@given(st.integers(1, 500), st.integers(0, 500), st.integers(0, 500))
def test_an_extension_adds_what_was_asked_for_on_each_side(frames: int, left: int, right: int) -> None:
    wanted = FrameRange(-left, frames + right)
    if left + right == 0:
        with pytest.raises(InputError, match="nothing is added"):
            Added.around(frames, wanted, FIXED)
        return
    assert Added.around(frames, wanted, FIXED) == Added(left, right)


def test_the_right_side_of_a_reference_extension_is_short_by_the_left_one() -> None:
    assert Added.around(29, FrameRange(-5, 41), REFERENCE) == Added(5, 7)
    assert Added.around(29, FrameRange(-5, 41), FIXED) == Added(5, 12)


def test_an_extension_longer_than_its_source_is_refused_by_the_reference_alone() -> None:
    assert Added.around(29, FrameRange(0, 63), FIXED) == Added(0, 34)
    with pytest.raises(InputError, match="34 frames to a source of 29"):
        Added.around(29, FrameRange(0, 63), REFERENCE)


@pytest.mark.parametrize("settings", [FIXED, REFERENCE], ids=lambda settings: settings.compat)
def test_more_than_four_minutes_are_refused_with_both_lengths(settings: SamplingSettings) -> None:
    assert Added.around(2000, FrameRange(0, 2583), FIXED) == Added(0, 583)
    with pytest.raises(InputError, match=r"2584 frames \(240.0 s\).*2583"):
        Added.around(2000, FrameRange(0, 2584), settings)
    with pytest.raises(InputError, match="2584 frames"):
        Added.around(2000, FrameRange(-584, 2000), settings)


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (3, 3), (5, 3), (0, 11), (10, 10)])
def test_a_range_that_is_empty_or_outside_the_source_is_refused(start: int, end: int) -> None:
    with pytest.raises(InputError, match=f"frames {start} to {end} of a source of 10"):
        FrameRange(start, end).within(10)


@pytest.mark.parametrize(("start", "end"), [(0, 10), (0, 1), (9, 10)])
def test_a_range_inside_the_source_is_kept(start: int, end: int) -> None:
    assert FrameRange(start, end).within(10) == FrameRange(start, end)
