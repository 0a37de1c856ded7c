from __future__ import annotations

from fractions import Fraction

import pytest
from sheets import sheet

from pipeline.takes.passage import choose_passage
from scoring.timebase import FrameRate, TimeRange


def test_the_passage_lies_around_the_heaviest_hit_with_a_third_of_it_before() -> None:
    found = choose_passage(sheet([0, 60, 120], [(30, 0.5), (60, 0.9), (90, 0.6)]), [], [])
    assert found.start_s == pytest.approx(55)
    assert found.duration_s == 15
    assert "heaviest hit at 1:00.0" in str(found)


def test_of_equal_hits_the_earlier_is_taken_and_the_choice_never_changes() -> None:
    hits = [(30.0, 0.5), (90.0, 0.5)]
    assert {choose_passage(sheet([0, 120], hits), [], []).start_s for _ in range(3)} == {25.0}


def test_speech_makes_a_passage_tell_less_and_no_music_makes_it_tell_nothing() -> None:
    film = sheet([0, 60, 120], [(30, 0.6), (60, 0.9), (90, 0.7)])
    assert choose_passage(film, [TimeRange(54, 75)], []).start_s == pytest.approx(85)
    assert choose_passage(film, [], [TimeRange(54, 120)]).start_s == pytest.approx(25)
    silent = sheet([0, 60, 120], [(30, 0.6), (60, 0.9)], silences=[TimeRange(50, 75)])
    assert choose_passage(silent, [], []).start_s == pytest.approx(25)


def test_a_passage_stays_inside_the_film_and_a_short_film_is_all_of_it() -> None:
    assert choose_passage(sheet([0, 60], [(1, 0.9)]), [], []).start_s == 0
    assert choose_passage(sheet([0, 60], [(59, 0.9)]), [], []).start_s == 45
    short = choose_passage(sheet([0, 4.0], [(1, 0.9)]), [], [])
    assert (short.start_s, short.duration_s) == (0, 4.0)


def test_a_film_without_hits_is_compared_where_a_cue_begins() -> None:
    found = choose_passage(sheet([0, 40, 80]), [], [TimeRange(0, 30)])
    assert found.start_s == pytest.approx(35)
    assert "beginning of a cue" in found.why


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (FrameRate(25), Fraction(25)),
        (FrameRate(60_000, 1001), Fraction(30_000, 1001)),
        (FrameRate(24_000, 1001), Fraction(24_000, 1001)),
        (FrameRate(120), Fraction(30)),
        (FrameRate(5), Fraction(10)),
    ],
)
def test_the_clips_rate_is_the_films_halved_or_doubled(rate: FrameRate, expected: Fraction) -> None:
    found = choose_passage(sheet([0, 60], rate=rate), [], [])
    assert found.rate == expected
    assert found.duration_s == pytest.approx(15, abs=float(1 / expected))


def test_sections_of_sound_never_drift_from_sections_of_picture() -> None:
    found = choose_passage(sheet([0, 60], rate=FrameRate(24_000, 1001)), [], [])
    for count in range(1, 10):
        exact = count * found.pictures / found.rate * 48_000
        assert abs(sum(found.samples(n) for n in range(count)) - exact) <= 0.5
