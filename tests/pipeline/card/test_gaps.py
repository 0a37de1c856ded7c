"""Gaps and tails."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from card_sounds import (
    added,
    cue_plan,
    film_of,
    gained,
    music,
    muted,
    noise,
    plan_of,
    row_of,
    silence,
    take_of,
    tracked,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.card.evidence import Evidence, Plan
from pipeline.card.gaps import gap_rows
from pipeline.card.row import Row
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

FEW = settings(max_examples=15, deadline=None)
LENGTH_S = 20.0


@cache
def _music() -> Samples:
    return music(LENGTH_S)


def _gap(evidence: Evidence) -> Row:
    return row_of(gap_rows(evidence), "G1")


def _tail(evidence: Evidence) -> Row:
    return row_of(gap_rows(evidence), "G1-tail")


def _planned(*rests: tuple[float, float], ends: str = "crossfade") -> Plan:
    return plan_of(cue_plan(0.0, LENGTH_S, ends=ends), rests=rests)


def test_music_that_runs_through_has_no_gap() -> None:
    row = _gap(take_of(_music()))
    assert (row.status, row.value, row.at_s, row.advice) == ("pass", 0.0, None, "")


@FEW
@given(st.floats(2.0, 14.0), st.floats(0.25, 3.0))
def test_a_dropouts_length_and_place_are_read_to_fifty_milliseconds(at_s: float, length_s: float) -> None:
    row = _gap(take_of(muted(_music(), at_s, at_s + length_s)))
    assert row.value == pytest.approx(length_s, abs=0.05)
    assert row.detail["gaps"] == [] if length_s < 0.45 else row.at_s == pytest.approx(at_s, abs=0.05)


@pytest.mark.parametrize(("length_s", "status"), [(0.5, "pass"), (1.5, "fail"), (3.0, "fail")])
@pytest.mark.parametrize("at_s", [0.0, 7.03, None])
def test_a_missing_second_fails_wherever_it_lies(length_s: float, status: str, at_s: float | None) -> None:
    start_s = LENGTH_S - length_s if at_s is None else at_s
    row = _gap(take_of(muted(_music(), start_s, start_s + length_s)))
    assert (row.status, row.cue) == (status, "1m1")
    assert status == "pass" or "compose" in row.advice


def test_a_planned_rest_is_no_gap() -> None:
    sound = muted(_music(), 5.0, 9.0)
    assert _gap(take_of(sound, _planned())).status == "fail"
    assert _gap(take_of(sound, _planned((5.0, 9.0)))).status == "pass"
    assert _gap(take_of(sound, _planned((5.0, 7.0)))).status == "fail"


def test_music_between_cues_and_of_withheld_cues_is_not_asked_for() -> None:
    sound = muted(_music(), 6.0, 14.0)
    apart = plan_of(cue_plan(0.0, 6.0), cue_plan(14.0, LENGTH_S, name="1m2"))
    held = plan_of(cue_plan(0.0, 6.0), cue_plan(6.0, 14.0, name="1m2", withheld=True), cue_plan(14.0, 20.0, name="1m3"))
    silent = plan_of(cue_plan(0.0, 6.0), cue_plan(6.0, 14.0, name="1m2"), cue_plan(14.0, 20.0, name="1m3"))
    assert _gap(take_of(sound, apart)).status == "pass"
    assert _gap(take_of(sound, held)).status == "pass"
    assert (_gap(take_of(sound, silent)).status, _gap(take_of(sound, silent)).cue) == ("fail", "1m2")


def test_a_planned_duck_is_taken_out_and_a_mute_says_nothing() -> None:
    gain_db = np.zeros(round(LENGTH_S * 100))
    gain_db[500:900] = -28.0
    gain_db[1200:1500] = -80.0
    sound = gained(gained(_music(), -28.0, 5.0, 9.0), -80.0, 12.0, 15.0)
    assert _gap(take_of(sound, replace(_planned(), gain_db=gain_db))).status == "pass"
    assert _gap(take_of(gained(sound, -60.0, 6.0, 8.0), replace(_planned(), gain_db=gain_db))).status == "fail"


@pytest.mark.parametrize(("under_db", "status"), [(20.0, "pass"), (60.0, "fail")])
def test_music_that_falls_far_under_its_own_body_has_stopped(under_db: float, status: str) -> None:
    assert _gap(take_of(gained(_music(), -under_db, 8.0, 12.0))).status == status


@pytest.mark.parametrize("level_db", [-15.0, -30.0])
def test_soft_music_is_no_gap(level_db: float) -> None:
    sound = gained(gained(_music(), level_db), -12.0, 8.0, 12.0)
    assert _gap(take_of(sound)).status == "pass"
    assert _gap(take_of(muted(sound, 8.0, 10.0))).status == "fail"


def test_a_planned_cue_of_silence_is_one_long_gap() -> None:
    row = _gap(take_of(silence(8.0)))
    assert (row.status, row.value) == ("fail", pytest.approx(8.0, abs=0.1))
    assert _tail(take_of(silence(8.0))).status == "not measurable"


def test_a_natural_end_may_fall_silent_and_a_cut_may_not() -> None:
    faded = _music().copy()
    start = round(16.0 * SAMPLE_RATE_HZ)
    faded[:, start:] *= (10 ** (-np.arange(faded.shape[1] - start) / SAMPLE_RATE_HZ * 20.0 / 20)).astype(np.float32)
    faded = muted(faded, 18.5)
    assert _gap(take_of(faded, _planned(ends="end"))).status == "pass"
    assert _gap(take_of(faded, _planned(ends="crossfade"))).status == "fail"
    assert _gap(take_of(muted(_music(), 18.5), _planned(ends="end"))).status == "fail"


def test_a_last_dry_notes_release_is_not_counted() -> None:
    dry = muted(_music(), LENGTH_S - 1.2)
    assert _gap(take_of(dry, _planned(ends="end"))).status != "fail"
    assert _gap(take_of(dry, _planned(ends="crossfade"))).status == "fail"


def test_without_a_plan_a_gap_may_be_meant_and_only_warns() -> None:
    assert _gap(film_of(muted(_music(), 8.0, 12.0))).status == "warn"
    assert _tail(film_of(muted(_music(), 12.0))).status == "warn"


def test_no_music_and_no_plan_is_not_measurable() -> None:
    for evidence in (film_of(silence(5.0)), film_of(_music(), music=None), film_of(noise(5.0, -100.0))):
        assert {row.status for row in gap_rows(evidence)} == {"not measurable"}
        assert all(row.advice for row in gap_rows(evidence))


def _under_film(sound: Samples) -> Evidence:
    """Music as it is got out of a film whose own sound is loud: a trace of that is left in it."""
    film = noise(LENGTH_S, -16.0)
    music_left, whole = added(sound, gained(film, -36.0)), added(sound, film)
    return Evidence(LENGTH_S, tracked(music_left), tracked(whole), _planned(), has_source=True)


def test_what_is_left_of_the_films_own_sound_does_not_fill_a_gap() -> None:
    row = _gap(_under_film(muted(_music(), 8.0, 10.0)))
    assert row.status == "fail"
    assert row.value == pytest.approx(2.0, abs=0.25)
    assert _gap(_under_film(_music())).status == "pass"


def test_music_that_the_film_covers_is_not_measurable() -> None:
    assert _gap(_under_film(gained(_music(), -40.0))).status == "not measurable"


@pytest.mark.parametrize(("under_db", "status"), [(20.0, "pass"), (60.0, "fail"), (120.0, "fail")])
def test_a_tail_that_dies_away_before_its_cue_ends(under_db: float, status: str) -> None:
    row = _tail(take_of(gained(_music(), -under_db, 17.0)))
    assert row.status == status
    assert row.at_s == pytest.approx(18.0)
    assert row.value is not None
    assert status == "pass" or "1m1" in row.advice


def test_a_tail_that_is_planned_to_rest_is_not_judged() -> None:
    sound = muted(_music(), 16.0)
    assert _tail(take_of(sound, _planned((16.0, LENGTH_S)))).status == "not measurable"


def test_a_takes_lead_in_moves_no_time() -> None:
    sound = muted(_music(), 7.0, 9.0)
    evidence = Evidence(LENGTH_S - 2.0, tracked(sound, -2.0), plan=plan_of(cue_plan(0.0, LENGTH_S - 2.0)))
    assert _gap(evidence).at_s == pytest.approx(5.0, abs=0.05)
