from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.cue_sheet import HitPoint, Metre
from scoring.tempo import TempoWish, first_downbeat_s, landing, plan_tempi, target_bpm, whole_bar_tempi

CINEMATIC = (66.0, 132.0)


def wish(duration_s: float, target: float, *hits_s: float, limits: tuple[float, float] = CINEMATIC) -> TempoWish:
    hits = tuple(HitPoint(t, 1.0, 80.0, "cut") for t in hits_s)
    return TempoWish(0.0, duration_s, target, limits, Metre(), hits)


def test_a_neutral_feeling_lies_in_the_middle_of_the_affect_table() -> None:
    assert target_bpm(0.0, 0.0, (58.0, 154.0)) == pytest.approx((62 * 150) ** 0.5)


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_targets_stay_in_the_styles_range_and_rise_with_arousal_and_valence(valence: float, arousal: float) -> None:
    low, high = CINEMATIC
    assert low - 1e-9 <= target_bpm(valence, arousal, CINEMATIC) <= high + 1e-9
    assert target_bpm(valence, -1, CINEMATIC) < target_bpm(valence, 1, CINEMATIC)
    assert target_bpm(-1, arousal, CINEMATIC) < target_bpm(1, arousal, CINEMATIC)


@given(st.floats(8, 120), st.floats(*CINEMATIC))
def test_a_cue_is_whole_bars_to_a_millisecond_inside_the_range(duration_s: float, target: float) -> None:
    for bpm in whole_bar_tempi(wish(duration_s, target)):
        bars = duration_s * bpm / 240
        assert abs(bars - round(bars)) * 240 / bpm < 1e-3
        assert CINEMATIC[0] - 1e-6 <= bpm <= CINEMATIC[1] + 1e-6


def test_a_cue_too_short_for_a_bar_keeps_its_target() -> None:
    assert whole_bar_tempi(wish(0.5, 91.26)) == [91.3]


def test_a_second_long_cue_does_not_race_to_fit_a_bar() -> None:
    assert whole_bar_tempi(wish(1.0, 90.0, limits=(67.0, 120.0))) == [90.0]


def test_the_tempo_that_lands_on_the_hits_wins() -> None:
    hits_s = [4 * 60 / 96.0, 9 * 60 / 96.0, 18 * 60 / 96.0, 26 * 60 / 96.0]
    (bpm,) = plan_tempi([wish(20.0, 100.0, *hits_s)])
    assert bpm == 96.0


def test_without_hits_the_tempo_nearest_the_target_wins() -> None:
    assert plan_tempi([wish(20.0, 100.0)]) == [96.0]
    assert plan_tempi([]) == []


def test_neighbours_prefer_related_tempi() -> None:
    before, after = wish(20.0, 96.0), wish(25.0, 101.0)
    assert plan_tempi([before]) + plan_tempi([after]) == [96.0, 105.6]
    assert plan_tempi([before, after]) == [96.0, 96.0]


def test_a_fast_pulse_earns_nothing_by_having_many_beats() -> None:
    everywhere = [HitPoint(t / 10, 1.0, 80.0, "cut") for t in range(1, 1000)]
    assert abs(landing(70, Metre(), 0.0, everywhere)) < 0.1
    assert abs(landing(140, Metre(), 0.0, everywhere)) < 0.1


@given(st.floats(0.5, 300), st.floats(20, 400), st.integers(1, 15))
def test_a_given_tempo_starts_on_a_bar_line_or_leads_in_to_end_on_one(
    duration_s: float, bpm: float, beats: int
) -> None:
    in_s, out_s = 10.0, 10.0 + duration_s
    downbeat_s = first_downbeat_s(in_s, out_s, bpm, Metre(beats, 4))
    bar_s = 60 * beats / bpm
    assert in_s <= downbeat_s < out_s
    assert downbeat_s - in_s <= bar_s / 2 + 1e-6
    if downbeat_s > in_s:
        bars = (out_s - downbeat_s) / bar_s
        assert abs(bars - round(bars)) * bar_s < 1e-3
