"""What is heard where two cues meet."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from card_sounds import cue_plan, film_of, music, noise, plan_of, row_of, silence, tracked
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.card.evidence import Evidence, Plan
from pipeline.card.intended import intended_lu
from pipeline.card.laid import laid_gain_db, ungained
from pipeline.card.limits import limits
from pipeline.card.row import Row
from pipeline.card.seams import seam_rows
from pipeline.card.track import Track
from pipeline.sound.join import Join, crossfade
from scoring.key import Key
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ, TimeRange, samples_at

FEW = settings(max_examples=20, deadline=None)
BAR_S = 2.4
SEAM_S, LENGTH_S, OVERLAP_S = 8 * BAR_S, 16 * BAR_S, 1.2
TIMES = [(0.5, "pass"), (1.5, "fail"), (3.0, "fail")]
MEASURED = ("B1", "B2", "B3", "B5", "B6")


def _joined(first: Samples, second: Samples) -> Samples:
    """The first until the seam, the second from there on, its sample 0 a bar before, faded over each other."""
    half, at = samples_at(OVERLAP_S / 2), samples_at(SEAM_S)
    lead = samples_at(BAR_S)
    sides = first[:, at - half : at + half], second[:, lead - half : lead + half]
    down, up, _ = crossfade(*sides)
    inside = sides[0] * down + sides[1] * up
    return np.concatenate([first[:, : at - half], inside, second[:, lead + half :]], axis=1)[:, : samples_at(LENGTH_S)]


@cache
def _first() -> Samples:
    return music(SEAM_S + BAR_S, seed=1)


@cache
def _second(semitones: int = 0) -> Samples:
    return music(SEAM_S + BAR_S, semitones=semitones, seed=2)


@cache
def _sound() -> Samples:
    return _joined(_first(), _second())


@cache
def _track() -> Track:
    return tracked(_sound())


def _plan(kind: str = "crossfade", before: dict[str, Any] | None = None, **after: Any) -> Plan:
    cues = cue_plan(0, SEAM_S, name="1m1", **(before or {})), cue_plan(SEAM_S, LENGTH_S, name="1m2", **after)
    overlap_s = OVERLAP_S if kind == "crossfade" else 0.02
    return replace(plan_of(*cues), joins=(Join("1m1", "1m2", SEAM_S, kind, overlap_s, 0.0),))


def _rows(track: Track, plan: Plan | None = None) -> list[Row]:
    return seam_rows(Evidence(LENGTH_S, track, plan=plan or _plan()))


def _row(name: str, track: Track, plan: Plan | None = None) -> Row:
    return row_of(_rows(track, plan), name)


def _raised(db: float, start_s: float, end_s: float = LENGTH_S) -> Track:
    """The music's energy, a stretch of it louder."""
    energy = _track().energy.copy()
    energy[round(start_s * 10) : round(end_s * 10)] *= 10 ** (db / 10)
    return replace(_track(), energy=energy)


@pytest.mark.parametrize("name", MEASURED)
def test_a_good_crossfade_passes(name: str) -> None:
    row = _row(name, _track())
    assert row.status == "pass"
    assert (row.cue, row.at_s) == ("1m2", SEAM_S)


@pytest.mark.parametrize("way", [1, -1])
@pytest.mark.parametrize(("times", "status"), TIMES)
def test_a_loudness_step_is_caught_by_its_own_row(times: float, status: str, way: int) -> None:
    second = _second() * np.float32(10 ** (way * times * limits()["B1"].bad / 20))
    rows = _rows(tracked(_joined(_first(), second)))
    found = row_of(rows, "B1").status
    assert found == status if status == "fail" else found in ("pass", "warn")
    assert [row.id for row in rows if row.status == "fail"] == (["B1"] if status == "fail" else [])


def test_a_last_cue_that_hardly_holds_its_level_before_it_dies_away_only_warns() -> None:
    """Of 4 s that end in a chord's decay, most are softer than planned whatever the seam."""
    end_s = SEAM_S + 8.0
    track = replace(_raised(-9.0, SEAM_S), total_samples=samples_at(end_s))
    cues = cue_plan(0, SEAM_S, name="1m1"), cue_plan(SEAM_S, end_s, name="1m2", ends="end")
    plan = replace(plan_of(*cues), joins=(Join("1m1", "1m2", SEAM_S, "crossfade", OVERLAP_S, 0.0),))
    assert _row("B1", track, plan).status == "warn"


def test_a_planned_step_is_no_fault_and_its_absence_is() -> None:
    """From an intensity of 0.2 to 0.9: 3.5 LU."""
    before = {"intensity": ((0.0, 0.2), (SEAM_S, 0.2))}
    plan = _plan(before=before, intensity=((SEAM_S, 0.9), (LENGTH_S, 0.9)))
    assert _row("B1", _raised(3.5, SEAM_S), plan).status == "pass"
    flat = _row("B1", _track(), plan)
    assert flat.status == "fail"
    assert "softer than planned" in flat.advice


@pytest.mark.parametrize(("step_db", "status"), [(0.0, "pass"), (2.0, "pass"), (3.5, "pass"), (9.0, "fail")])
def test_an_engine_that_keeps_plans_nearly_may_make_the_planned_step_or_not(step_db: float, status: str) -> None:
    before = {"intensity": ((0.0, 0.2), (SEAM_S, 0.2))}
    plan = _plan(before=before, intensity=((SEAM_S, 0.9), (LENGTH_S, 0.9)), is_exact=False)
    assert _row("B1", _raised(step_db, SEAM_S), plan).status == status


@pytest.mark.parametrize("gain_db", [-6.0, -18.0])
def test_a_duck_at_the_seam_is_no_step(gain_db: float) -> None:
    curve = np.zeros(round(LENGTH_S * 100))
    curve[round(SEAM_S * 100) :] = gain_db
    rows = _rows(_raised(gain_db, SEAM_S), replace(_plan(), gain_db=curve))
    assert row_of(rows, "B1").status == "pass"
    assert row_of(rows, "B6").status == "pass"


def test_a_seam_whose_side_is_muted_is_not_measurable() -> None:
    curve = np.zeros(round(LENGTH_S * 100))
    curve[round(SEAM_S * 100) :] = -80.0
    rows = _rows(_raised(-80.0, SEAM_S), replace(_plan(), gain_db=curve))
    for name in ("B1", "B2", "B3", "B6"):
        assert row_of(rows, name).status == "not measurable"
        assert row_of(rows, name).advice


def test_another_sound_after_the_seam_is_caught() -> None:
    rows = _rows(tracked(_joined(_first(), noise(SEAM_S + BAR_S, seed=3))))
    assert row_of(rows, "B2").status == "fail"


@pytest.mark.parametrize(("semitones", "fifths"), [(7, 1), (3, 3), (6, 6)])
def test_a_second_cue_in_a_wrong_key_is_caught_from_two_fifths_on(semitones: int, fifths: int) -> None:
    row = _row("B3", tracked(_joined(_first(), _second(semitones))))
    assert row.value == fifths
    assert row.status == ("fail" if fifths > 1 else "pass")


@FEW
@given(before=st.integers(0, 11), after=st.integers(0, 11))
def test_a_planned_change_of_key_passes_and_any_other_far_one_fails(before: int, after: int) -> None:
    """The sound moves by `after` semitones at the seam, the plan by `before`."""
    chroma = _track().chroma.copy()
    chroma[round(SEAM_S * 10) :] = np.roll(chroma[round(SEAM_S * 10) :], after, axis=1)
    row = _row("B3", replace(_track(), chroma=chroma), _plan(key=Key((9 + before) % 12, "minor")))
    steps = (after - before) * 7 % 12
    beyond = min(steps, 12 - steps)
    assert row.value == beyond
    assert row.status == ("fail" if beyond > 1 else "pass")


@cache
def _clicked(times: float) -> Track:
    """A jump of the waveform bends it by as much."""
    at = round(SEAM_S * 200)
    around = np.delete(_track().click[at - 400 : at + 400], slice(380, 420))
    jump = times * limits()["B5"].bad * np.percentile(around, 99.9)
    sound = _sound().copy()
    first = samples_at(SEAM_S) + 60
    sound[:, first:] += np.float32(jump) * np.exp(-np.arange(sound.shape[1] - first) / 480).astype(np.float32)
    return tracked(sound)


@pytest.mark.parametrize("kind", ["crossfade", "cut", "ring_out"])
@pytest.mark.parametrize(("times", "status"), TIMES)
def test_a_click_at_the_seam_is_caught_whatever_the_join(times: float, status: str, kind: str) -> None:
    assert _row("B5", _clicked(times), _plan(kind)).status == status


@pytest.mark.parametrize("way", [1, -1])
@pytest.mark.parametrize(("times", "status"), [(0.0, "pass"), (0.5, "warn"), (1.5, "fail"), (3.0, "fail")])
def test_a_dip_or_a_bump_inside_the_crossfade_is_caught(times: float, status: str, way: int) -> None:
    track = _raised(way * times * limits()["B6"].bad, SEAM_S - 0.4, SEAM_S + 0.4)
    row = _row("B6", track)
    assert row.status == status or (status == "warn" and row.status == "pass")
    if row.status == "fail":
        assert ("swells" if way > 0 else "dips") in row.advice


@pytest.mark.parametrize("kind", ["cut", "ring_out"])
def test_a_join_that_is_meant_to_be_heard_is_no_step(kind: str) -> None:
    rows = _rows(_raised(12.0, SEAM_S), _plan(kind))
    for name in ("B1", "B2", "B6"):
        assert row_of(rows, name).status == "not measurable"
        assert "no crossfade" in row_of(rows, name).advice
    assert row_of(rows, "B5").status == "pass"


@pytest.mark.parametrize("name", MEASURED)
@pytest.mark.parametrize("missing", ["plan", "music", "seam", "cue"])
def test_what_cannot_be_measured_says_why(name: str, missing: str) -> None:
    evidence = {
        "plan": film_of(silence(1.0)),
        "music": Evidence(LENGTH_S, None, plan=_plan()),
        "seam": Evidence(LENGTH_S, _track(), plan=plan_of(cue_plan(0, LENGTH_S))),
        "cue": Evidence(LENGTH_S, _track(), plan=_plan(withheld=True)),
    }[missing]
    row = row_of(seam_rows(evidence), name)
    assert (row.status, row.value) == ("not measurable", None)
    assert row.advice


@pytest.mark.parametrize("seconds", [0.5, 3.0])
def test_silence_on_both_sides_is_no_pass(seconds: float) -> None:
    track = tracked(silence(2 * seconds))
    cues = cue_plan(0, seconds, name="1m1"), cue_plan(seconds, 2 * seconds, name="1m2")
    plan = replace(plan_of(*cues), joins=(Join("1m1", "1m2", seconds, "crossfade", 0.4, 0.0),))
    rows = seam_rows(Evidence(2 * seconds, track, plan=plan))
    assert {row.status for row in rows} == {"not measurable"}


def test_the_worst_seam_is_shown_and_the_others_stand_in_the_detail() -> None:
    third = cue_plan(LENGTH_S - 10.0, LENGTH_S, name="1m3")
    plan = _plan()
    cues = plan.cues[0], replace(plan.cues[1], range=TimeRange(SEAM_S, LENGTH_S - 10.0)), third
    joins = (*plan.joins, Join("1m2", "1m3", LENGTH_S - 10.0, "crossfade", OVERLAP_S, 0.0))
    row = _row("B1", _raised(8.0, LENGTH_S - 10.0), replace(plan, cues=cues, joins=joins))
    assert (row.status, row.cue, row.at_s) == ("fail", "1m3", LENGTH_S - 10.0)
    assert set(row.detail["seams"]) == {"1m1-1m2", "1m2-1m3"}


@FEW
@given(
    marks=st.lists(st.tuples(st.floats(-10, 60), st.floats(0, 1)), max_size=6, unique_by=lambda mark: mark[0]),
    arousal=st.floats(-1, 1),
)
def test_the_intended_level_stays_within_what_the_law_allows(marks: list[tuple[float, float]], arousal: float) -> None:
    cue = cue_plan(0, 40.0, intensity=tuple(sorted(marks)), arousal=arousal)
    level = intended_lu(cue, np.linspace(-5, 45, 60))
    assert level.shape == (60,)
    assert np.abs(level).max() <= 3.5 + 2.5 + 2.5 + 1e-9


def test_the_intended_level_rises_with_intensity_and_arousal() -> None:
    rising = intended_lu(cue_plan(0, 10.0, intensity=((0.0, 0.3), (10.0, 0.7))), np.array([0.0, 5.0, 10.0]))
    assert rising == pytest.approx([-1.3, 0.0, 1.3])
    lively, calm = (intended_lu(cue_plan(0, 10.0, intensity=(), arousal=a), np.array([5.0])) for a in (1.0, -1.0))
    assert lively - calm == pytest.approx(5.0)


@FEW
@given(gain_db=st.lists(st.floats(-29.0, 0.0), min_size=1, max_size=60), held=st.integers(10, 80))
def test_a_gain_that_was_laid_over_the_music_is_taken_out(gain_db: list[float], held: int) -> None:
    curve = np.repeat(np.array(gain_db), held)
    evidence = Evidence(LENGTH_S, _track(), plan=replace(_plan(), gain_db=curve))
    laid = laid_gain_db(evidence, _track())
    heard = replace(_track(), energy=_track().energy * 10 ** (laid / 10))
    energy, judgeable = ungained(evidence, heard)
    assert judgeable.all()
    np.testing.assert_allclose(energy, _track().energy, rtol=1e-9)


def test_gain_runs_on_the_films_clock_where_the_music_begins_later() -> None:
    curve = np.zeros(round(LENGTH_S * 100))
    curve[1000:1500] = -12.0
    evidence = Evidence(LENGTH_S, _track(), plan=replace(_plan(), gain_db=curve))
    laid = laid_gain_db(evidence, replace(_track(), starts_at_s=4.0))
    assert np.flatnonzero(laid < -6.0).tolist() == list(range(60, 110))


def test_sound_joined_for_these_tests_is_as_long_as_it_says() -> None:
    assert _sound().shape == (2, round(LENGTH_S * SAMPLE_RATE_HZ))
