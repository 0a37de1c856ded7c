from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
from reviewed import cue

from pipeline.review.counting import planned_beats, taken_beats
from scoring.cue_sheet import Metre
from scoring.request import CueTake


def take(beats_s: tuple[float, ...], bars_s: tuple[float, ...]) -> CueTake:
    return CueTake("1m1", "composer", 1, 0, 1, 1, ("music",), beats_s, bars_s, (), ())


@given(
    bpm=st.floats(30, 240),
    beats=st.integers(1, 12),
    lead_in=st.floats(0, 0.99),
    in_s=st.floats(0, 5000),
    bars=st.integers(1, 40),
)
def test_a_planned_bar_begins_on_beat_one_and_a_lead_in_counts_towards_it(
    bpm: float, beats: int, lead_in: float, in_s: float, bars: int
) -> None:
    bar_s = 60 / bpm * beats
    first_s = in_s + lead_in * bar_s
    one = cue("1m1", in_s, first_s + bars * bar_s, bpm=bpm, metre=Metre(beats, 4), first_downbeat_s=first_s)
    counted = planned_beats(one)
    assert counted.is_planned
    for number in range(bars):
        place = counted.at(first_s + number * bar_s + 0.3 * one.beat_s)
        assert place is not None
        assert (place.bar, place.beat) == (number + 1, 1)
        assert math.isclose(place.since_s, 0.3 * one.beat_s, abs_tol=2e-6)
    last = counted.at(one.out_s)
    assert last is not None
    assert (last.bar, last.beat) == (bars, beats)
    before = counted.at(first_s - 0.4 * one.beat_s)
    assert before is None or (before.bar, before.beat) == (0, beats)
    assert all(counted.times_s >= in_s - 2e-3)


def test_a_takes_own_beats_count_from_the_cues_beginning() -> None:
    counted = taken_beats(cue("1m1", 20.0, 24.0), take((0.1, 0.6, 1.1, 1.6, 2.2, 2.9), (0.6, 2.2)))
    assert not counted.is_planned
    places = [counted.at(20.0 + t) for t in (0.05, 0.2, 0.6, 1.2, 2.0, 2.3, 3.5)]
    assert places[0] is None
    found = [(p.bar, p.beat) for p in places[1:] if p is not None]
    assert found == [(0, 4), (1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]


def test_a_take_without_bar_lines_counts_no_bars() -> None:
    counted = taken_beats(cue("1m1", 0.0, 4.0), take((0.0, 0.5, 1.0, 1.5), ()))
    place = counted.at(1.7)
    assert place is not None
    assert (place.bar, place.beat) == (0, 4)


def test_beats_after_the_cue_has_ended_are_not_counted() -> None:
    counted = taken_beats(cue("1m1", 0.0, 2.0), take(tuple(0.5 * n for n in range(12)), (0.0, 2.0, 4.0)))
    assert counted.times_s.max() < 2.0
