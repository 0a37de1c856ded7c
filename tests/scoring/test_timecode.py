from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timelines_made import COUNTING_NAMES, COUNTINGS

from scoring.timebase import FrameRate
from scoring.timecode import Timecode, is_drop_label, nearest_frame

NTSC = FrameRate(30_000, 1001)
EVERY = pytest.mark.parametrize(("rate", "is_drop"), COUNTINGS, ids=COUNTING_NAMES)
countings = st.sampled_from([Timecode(rate, is_drop) for rate, is_drop in COUNTINGS])


@given(countings, st.integers(0, 3 * 24 * 3600 * 60))
def test_a_label_leads_back_to_its_frame(timecode: Timecode, frame: int) -> None:
    assert timecode.frame(timecode.label(frame)) == frame % timecode.day_frames


@EVERY
def test_two_hours_and_a_day_of_labels_are_in_order_with_none_twice(rate: FrameRate, is_drop: bool) -> None:
    timecode = Timecode(rate, is_drop)
    for first in (0, timecode.frame("01:59:00:04"), timecode.day_frames - 40_000):
        labels = [timecode.label(frame) for frame in range(first, first + 40_000)]
        assert labels == sorted(labels)
        assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(
    ("rate", "frame", "label"),
    [
        # SMPTE ST 12-1: labels 00 and 01 are left out of every minute, but not of each tenth.
        (NTSC, 1_799, "00:00:59;29"),
        (NTSC, 1_800, "00:01:00;02"),
        (NTSC, 17_981, "00:09:59;29"),
        (NTSC, 17_982, "00:10:00;00"),
        (NTSC, 107_892, "01:00:00;00"),
        (NTSC, 2_589_407, "23:59:59;29"),
        (NTSC, 2_589_408, "00:00:00;00"),
        (FrameRate(60_000, 1001), 3_599, "00:00:59;59"),
        (FrameRate(60_000, 1001), 3_600, "00:01:00;04"),
        (FrameRate(60_000, 1001), 215_784, "01:00:00;00"),
    ],
)
def test_drop_frame_is_counted_as_the_standard_does(rate: FrameRate, frame: int, label: str) -> None:
    assert Timecode(rate, is_drop=True).label(frame) == label


@given(st.sampled_from([NTSC, FrameRate(60_000, 1001)]), st.integers(0, 23), st.integers(0, 59), st.integers(0, 3))
def test_drop_frame_leaves_out_exactly_the_first_labels_of_nine_minutes_in_ten(
    rate: FrameRate, hour: int, minute: int, frames: int
) -> None:
    timecode = Timecode(rate, is_drop=True)
    label = f"{hour:02d}:{minute:02d}:00;{frames:02d}"
    if minute % 10 and frames < timecode.counted // 15:
        with pytest.raises(ValueError, match="no label"):
            timecode.frame(label)
    else:
        assert timecode.label(timecode.frame(label)) == label


@EVERY
def test_a_day_of_drop_frame_is_a_day_of_the_clock_and_other_ntsc_is_longer(rate: FrameRate, is_drop: bool) -> None:
    timecode = Timecode(rate, is_drop)
    off_s = timecode.seconds(timecode.day_frames) - 86_400
    if rate.denominator == 1:
        assert off_s == 0
    elif is_drop:
        assert abs(off_s) < Fraction(1, 10)
    else:
        assert off_s == Fraction(864, 10)


@given(countings, st.integers(0, 24 * 3600 * 60))
def test_a_frame_in_seconds_and_back_does_not_drift_in_a_day(timecode: Timecode, frame: int) -> None:
    assert nearest_frame(float(timecode.seconds(frame)), timecode.rate) == frame
    assert abs(Fraction(timecode.samples(frame), 48_000) - timecode.seconds(frame)) <= Fraction(1, 96_000)


@given(countings, st.floats(0, 86_400))
def test_the_nearest_frame_is_never_off_by_more_than_half_of_one(timecode: Timecode, time_s: float) -> None:
    off = Fraction(time_s) * timecode.rate.fraction - nearest_frame(time_s, timecode.rate)
    assert abs(off) <= Fraction(1, 2)


@pytest.mark.parametrize(
    "label", ["", "1:2:3", "01:00:00", "24:00:00:00", "00:60:00:00", "00:00:60:00", "00:00:00:25", "-1:00:00:00", "a"]
)
def test_what_is_no_label_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match="timecode"):
        Timecode(FrameRate(25)).frame(label)


def test_a_drop_frame_label_may_have_colons_and_another_never_a_semicolon() -> None:
    assert Timecode(NTSC, is_drop=True).frame("01:00:00:00") == 107_892
    assert Timecode(NTSC).frame("01:00:00:00") == 108_000
    with pytest.raises(ValueError, match="drop-frame"):
        Timecode(NTSC).frame("01:00:00;00")
    assert is_drop_label("01:00:00;00")
    assert is_drop_label("01;00;00;00")
    assert not is_drop_label("01:00:00:00")
    assert not is_drop_label("tomorrow")


@pytest.mark.parametrize(
    ("rate", "is_drop"),
    [
        (FrameRate(25, 2), False),
        (FrameRate(2997, 100), False),
        (FrameRate(120), False),
        (FrameRate(25), True),
        (FrameRate(24_000, 1001), True),
    ],
)
def test_a_rate_that_has_no_timecode_is_refused(rate: FrameRate, is_drop: bool) -> None:
    with pytest.raises(ValueError, match="found"):
        Timecode(rate, is_drop)
