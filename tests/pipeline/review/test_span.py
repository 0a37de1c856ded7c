from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.review.span import choose_span
from scoring.errors import InputError
from scoring.timebase import FrameRate
from scoring.timecode import Timecode

RATES = [FrameRate(24), FrameRate(25), FrameRate(30_000, 1001), FrameRate(60), FrameRate(24_000, 1001)]


@given(
    rate=st.sampled_from(RATES),
    frames=st.integers(1, 200_000),
    edges=st.tuples(st.floats(0, 0.999), st.floats(0.001, 1)).filter(lambda e: e[0] < e[1] - 1e-4),
)
def test_a_stretch_is_whole_pictures_of_the_film_that_hold_all_that_was_asked(
    rate: FrameRate, frames: int, edges: tuple[float, float]
) -> None:
    duration_s = rate.time_of(frames)
    from_s, to_s = (edge * duration_s for edge in edges)
    span = choose_span(rate, duration_s, from_s, to_s)
    assert span.pictures >= 1
    assert 0 <= span.first < span.first + span.pictures <= frames
    slack_s = rate.frame_s / 500
    assert span.start_s <= from_s + slack_s
    assert span.end_s >= to_s - slack_s
    assert span.start_s > from_s - rate.frame_s - slack_s
    assert span.end_s < to_s + rate.frame_s + slack_s
    assert abs(span.samples - Fraction(span.pictures) / rate.fraction * 48_000) <= 1


@given(rate=st.sampled_from(RATES), frames=st.integers(1, 500_000))
def test_without_edges_it_is_the_whole_film(rate: FrameRate, frames: int) -> None:
    span = choose_span(rate, rate.time_of(frames), None, None)
    assert (span.first, span.pictures) == (0, frames)


@given(label=st.sampled_from(["01:00:00;00", "00:59:59;28", "10:00:00:00"]), picture=st.integers(0, 100_000))
def test_pictures_are_called_as_the_films_own_timecode_goes_on(label: str, picture: int) -> None:
    rate = FrameRate(30_000, 1001)
    labels = Timecode(rate, ";" in label)
    starts_at_s = float(labels.seconds(labels.frame(label)))
    span = choose_span(rate, 4000.0, 0.0, None, starts_at_s=starts_at_s, timecode=label)
    assert span.label(picture) == labels.label(labels.frame(label) + picture)


def test_a_stretch_keeps_the_timecode_of_its_place_in_the_film() -> None:
    span = choose_span(FrameRate(25), 60.0, 10.0, 20.0, starts_at_s=3600.0, timecode="01:00:00:00")
    assert span.label(0) == "01:00:10:00"
    assert span.label(span.picture_at(9.99)) == "01:00:19:24"


def test_a_rate_without_timecode_shows_the_films_clock() -> None:
    span = choose_span(FrameRate(3487, 200), 60.0, 30.0, None)
    assert span.label(0) == "0:30.0"


@pytest.mark.parametrize(("from_s", "to_s"), [(-1.0, None), (5.0, 5.0), (8.0, 3.0), (10.0, None), (12.0, 20.0)])
def test_what_is_no_stretch_of_the_film_is_refused(from_s: float, to_s: float | None) -> None:
    with pytest.raises(InputError, match=r"0:10\.0") as caught:
        choose_span(FrameRate(25), 10.0, from_s, to_s)
    assert "--from" in caught.value.advice
