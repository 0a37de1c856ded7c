"""Whether music follows the film: made of loudness curves, since nothing else is looked at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from card_sounds import cue_plan, plan_of, row_of
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import spearmanr

from pipeline.card.evidence import CuePlan, Curve, Evidence, Levels
from pipeline.card.following import asked_lu, circular_null, following_rows, loudness_lufs
from pipeline.card.row import Row
from pipeline.sound.loudness import LoudnessMeter, lufs_of
from scoring.request import Samples
from scoring.timebase import TimeRange

FEW = settings(max_examples=25, deadline=None)
Series = NDArray[np.float64]


def _feeling(seconds: int, seed: int) -> Series:
    """[S] −1..1: calm and action in turns, of lengths that no other seed has."""
    rng = np.random.default_rng(seed)
    curve = np.concatenate([np.full(rng.integers(8, 22), rng.uniform(-0.8, 0.8)) for _ in range(40)])[:seconds]
    return np.convolve(np.pad(curve, 3, "edge"), np.full(7, 1 / 7), "valid") + rng.normal(0, 0.02, seconds)


def _energy(level_lu: Series, wavering_lu: float = 0.8, seed: int = 0) -> Series:
    """[10·S] music of that loudness a second, about −20 LUFS, which wavers as music does."""
    rng = np.random.default_rng(seed)
    fine = np.repeat(level_lu, 10) + wavering_lu * rng.standard_normal(10 * level_lu.size)
    return np.asarray(10 ** ((fine - 20) / 10), np.float64)


def _film(
    arousal: Series,
    unducked: Series | None,
    *cues: CuePlan,
    quiet: tuple[TimeRange, ...] = (),
    speech: tuple[TimeRange, ...] = (),
    with_plan: bool = True,
) -> Evidence:
    seconds = arousal.size
    nothing = np.zeros(10 * seconds)
    levels = Levels(nothing, nothing, nothing, speech, 14.0, True, unducked=unducked, quiet=quiet)
    plan = plan_of(*(cues or (_cue(0, seconds, arousal),))) if with_plan else None
    curve = Curve(np.arange(seconds) + 0.5, arousal)
    return Evidence(float(seconds), None, plan=plan, levels=levels, curve=curve)


def _cue(start_s: int, end_s: int, arousal: Series, name: str = "1m1") -> CuePlan:
    points = tuple((t + 0.5, float((arousal[t] + 1) / 2)) for t in range(start_s, end_s))
    return cue_plan(start_s, end_s, name=name, intensity=points, arousal=float(arousal[start_s:end_s].mean()))


def _emotion(evidence: Evidence) -> Row:
    return row_of(following_rows(evidence), "D1")


def _dynamics(evidence: Evidence) -> Row:
    return row_of(following_rows(evidence), "D3")


@FEW
@given(st.integers(60, 180), st.integers(0, 10_000))
def test_music_as_loud_as_the_film_is_lively_follows_it(seconds: int, seed: int) -> None:
    arousal = _feeling(seconds, seed)
    row = _emotion(_film(arousal, _energy(4 * arousal, seed=seed)))
    assert row.status != "fail"
    assert row.detail["p"] < 0.1


def test_the_music_of_another_film_does_not_follow() -> None:
    length_s, films = 120, range(1, 13)
    feelings = {seed: _feeling(length_s, seed) for seed in films}
    rows = [_emotion(_film(feelings[seed], _energy(4 * feelings[seed % 12 + 1], seed=seed))) for seed in films]
    failed = [row for row in rows if row.status == "fail"]
    assert len(failed) >= 10
    assert all(row.cue == "1m1" and row.at_s is not None and "compose 1m1 again" in row.advice for row in failed)


@FEW
@given(st.integers(60, 120), st.integers(0, 10_000))
def test_music_that_does_the_opposite_fails(seconds: int, seed: int) -> None:
    arousal = _feeling(seconds, seed)
    assert _emotion(_film(arousal, _energy(-4 * arousal, seed=seed))).status == "fail"


@FEW
@given(st.floats(-30.0, 20.0), st.floats(0.1, 5.0), st.integers(0, 1000))
def test_only_the_order_of_the_levels_counts(gain_db: float, stretch: float, seed: int) -> None:
    arousal = _feeling(90, seed)
    # Without wavering, so that a stretched level is the same music played with more dynamics.
    level = np.repeat(np.arange(30), 3) % 11 * 0.5
    one, other = (_emotion(_film(arousal, np.repeat(10 ** (x / 10), 10))) for x in (level, level + gain_db))
    assert one.value == pytest.approx(other.value, abs=1e-9)
    louder = _emotion(_film(arousal, _energy(stretch * arousal, 0.0)))
    assert louder.value == pytest.approx(_emotion(_film(arousal, _energy(arousal, 0.0))).value, abs=0.15)


def test_the_blame_falls_on_the_cue_that_does_not_follow() -> None:
    arousal = _feeling(120, 3)
    level = 4 * arousal
    level[60:] = -level[60:]
    cues = _cue(0, 60, arousal, "1m1"), _cue(60, 120, arousal, "1m2")
    row = _emotion(_film(arousal, _energy(level), *cues))
    assert row.cue == "1m2"
    assert row.at_s is not None
    assert row.at_s >= 60


def test_the_films_last_chord_is_not_looked_at() -> None:
    arousal = np.linspace(-0.8, 0.8, 90)
    level = 4 * arousal
    level[-3:] = -30.0
    assert _emotion(_film(arousal, _energy(level))).status == "pass"


def test_planned_rests_are_not_looked_at() -> None:
    arousal = _feeling(120, 4)
    level, loud = 4 * arousal, int(np.argmax(arousal[10:100])) + 10
    rest = TimeRange(float(loud - 8), float(loud + 8))
    level[loud - 8 : loud + 8] = -60.0
    assert _emotion(_film(arousal, _energy(level), quiet=(rest,))).status == "pass"
    assert (
        _emotion(_film(arousal, _energy(level))).value < _emotion(_film(arousal, _energy(level), quiet=(rest,))).value
    )


@pytest.mark.parametrize(
    ("evidence", "why"),
    [
        (_film(_feeling(25, 1), _energy(_feeling(25, 1))), "chance"),
        (_film(np.full(90, 0.3), _energy(np.zeros(90))), "alike throughout"),
        (_film(_feeling(90, 1), None), "before ducking"),
        (_film(_feeling(90, 1), _energy(_feeling(90, 1)), with_plan=False), "No plan"),
        (replace(_film(_feeling(90, 1), _energy(_feeling(90, 1))), curve=None), "emotion is not known"),
    ],
)
def test_what_cannot_be_known_is_not_a_pass(evidence: Evidence, why: str) -> None:
    row = _emotion(evidence)
    assert row.status == "not measurable"
    assert row.value is None
    assert why in row.advice


def test_music_that_makes_room_for_lively_speech_still_follows() -> None:
    arousal = _feeling(120, 9)
    speech = tuple(TimeRange(t, t + 6.0) for t in range(10, 110, 14))
    talking = np.array([any(s.start_s <= t < s.end_s for s in speech) for t in np.arange(120) + 0.5])
    level, felt = 4 * arousal, arousal + 0.6 * talking
    level[talking] -= 6.0
    row = _emotion(_film(felt, _energy(level), speech=speech))
    assert row.status == "pass"
    assert row.detail["seconds"] < 70
    assert _emotion(_film(felt, _energy(level))).status == "fail"


def test_where_somebody_speaks_throughout_nothing_fails() -> None:
    arousal = _feeling(90, 2)
    row = _emotion(_film(arousal, _energy(-4 * arousal), speech=(TimeRange(0.0, 90.0),)))
    assert row.status == "warn"


def test_a_short_film_only_warns() -> None:
    arousal = _feeling(38, 8)
    assert _emotion(_film(arousal, _energy(-4 * arousal))).status == "warn"


@FEW
@given(st.integers(5, 60), st.integers(0, 10_000))
def test_the_null_is_spearman_at_every_shift(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, other = rng.integers(0, 9, count).astype(float), rng.integers(0, 9, count).astype(float)
    if one.std() == 0 or other.std() == 0:
        return
    found = circular_null(one, other)
    for shift in (0, 1, count // 2):
        assert found[shift] == pytest.approx(spearmanr(one, np.roll(other, shift)).statistic, abs=1e-9)


@pytest.mark.parametrize("share", [0.1, 0.2])
def test_flattened_music_fails_the_dynamics(share: float) -> None:
    arousal = _feeling(120, 5)
    film = _film(arousal, None)
    assert film.plan is not None
    assert film.levels is not None
    asked = asked_lu(film.plan, np.arange(120) + 0.5)
    flat = replace(film, levels=replace(film.levels, unducked=_energy(share * asked, 0.1)))
    row = _dynamics(flat)
    assert row.status == "fail"
    assert "LU where" in row.advice
    assert row.cue == "1m1"


@FEW
@given(st.floats(0.55, 2.0), st.integers(0, 1000))
def test_half_the_range_asked_for_is_enough(share: float, seed: int) -> None:
    arousal = _feeling(120, seed)
    film = _film(arousal, None)
    assert film.plan is not None
    assert film.levels is not None
    asked = asked_lu(film.plan, np.arange(120) + 0.5)
    row = _dynamics(replace(film, levels=replace(film.levels, unducked=_energy(share * asked, 0.3))))
    assert row.status == ("not measurable" if row.value is None else "pass")


def test_a_flat_plan_asks_for_no_dynamics() -> None:
    arousal = np.full(90, 0.2)
    row = _dynamics(_film(arousal, _energy(np.zeros(90))))
    assert row.status == "not measurable"
    assert "one level" in row.advice


def test_a_plan_is_loud_where_it_is_intense() -> None:
    calm = cue_plan(0.0, 60.0, name="1m1", intensity=((0.0, 0.2), (60.0, 0.2)), arousal=-0.6)
    lively = cue_plan(60.0, 120.0, name="1m2", intensity=((60.0, 0.2), (120.0, 1.0)), arousal=0.4)
    asked = asked_lu(plan_of(calm, lively), np.array([30.0, 60.5, 90.0, 119.5]))
    assert asked[0] == pytest.approx(5 * (0.2 - 0.5) - 2.5 * 0.6)
    assert asked[2] == pytest.approx(5 * 0.1 + 2.5 * 0.4, abs=0.1)
    assert asked[3] - asked[2] == pytest.approx(6.5 * 0.4, abs=0.1)


def test_loudness_is_that_of_three_seconds_around_each() -> None:
    sound: Samples = (0.1 * np.random.default_rng(1).standard_normal((2, 48_000 * 8))).astype(np.float32)
    sound[:, 48_000 * 4 :] *= 2
    meter = LoudnessMeter()
    meter.add(sound)
    level = loudness_lufs(meter.step_energy)
    assert level.size == 8
    assert level[6] - level[1] == pytest.approx(6.02, abs=0.1)
    assert level[6] == pytest.approx(lufs_of(float(meter.step_energy[55:68].mean())), abs=0.2)
