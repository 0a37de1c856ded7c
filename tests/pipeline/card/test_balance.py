"""Spectrum, stereo, direct current and hum."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from card_sounds import added, cue_plan, film_of, gained, music, noise, plan_of, row_of, silence, sine
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import firwin, lfilter

from pipeline.card.balance import balance_rows
from pipeline.card.evidence import Evidence
from pipeline.card.row import Row
from scoring.request import Samples

FEW = settings(max_examples=10, deadline=None)
HUM_S = 22.0


def _row(name: str, sound: Samples) -> Row:
    return row_of(balance_rows(film_of(sound)), name)


@FEW
@given(st.floats(-5.5, 1.0))
def test_the_tilt_is_read_as_it_was_made(tilt: float) -> None:
    row = _row("F3", noise(4.0, tilt_db_per_octave=tilt - 3.0))
    assert row.value == pytest.approx(tilt, abs=0.3)
    if abs(tilt + 2.75) < 1.4:
        assert row.status == "pass"
    elif abs(tilt + 2.75) > 2.1:
        assert row.status == "warn"
        assert ("dull" if tilt < -2 else "thin") in row.advice


def test_only_an_absurd_tilt_fails() -> None:
    assert _row("F3", noise(4.0, tilt_db_per_octave=1.0)).status == "warn"  # +4 an octave
    assert _row("F3", noise(4.0, tilt_db_per_octave=3.0)).status == "fail"  # +6 an octave


def test_a_loud_octave_warns_and_is_named() -> None:
    row = _row("F3", added(noise(4.0, tilt_db_per_octave=-5.5), sine(1000.0, 4.0, -8.0)))
    assert row.status == "warn"
    assert "louder around 1000 Hz" in row.advice


@pytest.mark.parametrize(("cliff_hz", "status"), [(8000.0, "warn"), (11_000.0, "warn"), (15_000.0, "pass")])
def test_a_spectrum_that_breaks_off_warns(cliff_hz: float, status: str) -> None:
    cut = lfilter(firwin(513, cliff_hz, fs=48_000), [1.0], noise(4.0, tilt_db_per_octave=-5.5), axis=1)
    row = _row("F3", np.asarray(cut, np.float32))
    assert row.status == status
    if status == "warn":
        assert row.detail["cliff_hz"] == pytest.approx(cliff_hz, rel=0.1)


def _wide(folded_db: float) -> Samples:
    """Noise that loses so much when both channels become one."""
    middle, side = noise(4.0, -20.0)
    side = side * np.float32(np.sqrt(10 ** (folded_db / 10) - 1))
    return np.stack([middle + side, middle - side])


@pytest.mark.parametrize(("folded_db", "status"), [(0.5, "pass"), (2.0, "pass"), (6.0, "fail"), (12.0, "fail")])
def test_what_is_lost_in_mono_is_measured(folded_db: float, status: str) -> None:
    row = _row("F4", _wide(folded_db))
    assert row.status == status
    assert row.value == pytest.approx(folded_db, abs=0.2)


def test_opposed_channels_fail() -> None:
    sound = noise(4.0)
    assert _row("F4", np.stack([sound[0], -sound[0]])).status == "fail"


def _mono(sound: Samples) -> Samples:
    return np.repeat(sound.mean(axis=0, keepdims=True), 2, axis=0)


def test_mono_is_a_fault_of_our_own_music_only() -> None:
    sound = _mono(music(6.0))
    assert row_of(balance_rows(film_of(sound)), "F4").status == "warn"
    assert row_of(balance_rows(film_of(sound, plan=plan_of(cue_plan(0.0, 6.0)))), "F4").status == "fail"


def test_one_cue_of_several_that_is_mono_is_named() -> None:
    sound = np.concatenate([music(5.0), _mono(music(5.0))], axis=1)
    plan = plan_of(cue_plan(0.0, 5.0), cue_plan(5.0, 10.0, name="1m2"))
    row = row_of(balance_rows(film_of(sound, plan=plan)), "F4")
    assert (row.status, row.cue) == ("fail", "1m2")


def _in_film(sound: Samples, trace_db: float) -> Evidence:
    """Music got out of a stereo film, a trace of whose sound is left in it."""
    film = noise(6.0, -24.0)
    plan = plan_of(cue_plan(0.0, 6.0))
    return film_of(added(sound, gained(film, trace_db)), added(sound, film), plan=plan)


def test_a_trace_of_the_films_own_sound_hides_no_collapse_and_makes_none() -> None:
    assert row_of(balance_rows(_in_film(_mono(music(6.0)), -26.0)), "F4").status == "fail"
    assert row_of(balance_rows(_in_film(music(6.0), -26.0)), "F4").status == "pass"


def test_music_under_a_loud_film_says_nothing_of_its_stereo() -> None:
    evidence = _in_film(gained(music(6.0), -30.0), -40.0)
    assert row_of(balance_rows(evidence), "F4").status == "not measurable"


@cache
def _music() -> Samples:
    return music(HUM_S, rms_db=-16.0)


def _hum(hz: float, rms_db: float) -> Samples:
    parts = [sine(multiple * hz, HUM_S, 20 * np.log10(share)) for multiple, share in ((1, 1.0), (2, 0.6), (3, 0.4))]
    hum = sum(parts[1:], parts[0])
    return np.asarray(hum * np.float32(10 ** (rms_db / 20) / np.sqrt(np.mean(hum**2))), np.float32)


@pytest.mark.parametrize("hz", [49.95, 60.0])
@pytest.mark.parametrize(("rms_db", "failing"), [(-56.0, False), (-46.5, True), (-40.5, True)])
def test_hum_under_music_is_heard(hz: float, rms_db: float, failing: bool) -> None:
    evidence = film_of(added(_music(), _hum(hz, rms_db)), plan=plan_of(cue_plan(0.0, HUM_S)))
    row = row_of(balance_rows(evidence), "F5")
    assert (row.status == "fail") == failing
    if failing:
        assert row.value == pytest.approx(rms_db, abs=2.5)
        assert f"{hz:.0f} Hz" in row.advice
        assert row_of(balance_rows(replace(evidence, plan=None)), "F5").status == "warn"


@pytest.mark.parametrize("semitones", [-2, 2])
def test_low_notes_are_no_hum(semitones: int) -> None:
    row = _row("F5", music(HUM_S, rms_db=-16.0, semitones=semitones))
    assert row.status == "pass"
    assert row.detail["hum_dbfs"] is None


@pytest.mark.parametrize(("rms_db", "status"), [(-66.0, "pass"), (-56.0, "warn"), (-46.5, "fail")])
def test_direct_current_is_measured(rms_db: float, status: str) -> None:
    sound = noise(4.0)
    sound[0] += np.float32(10 ** (rms_db / 20))
    row = _row("F5", sound)
    assert row.status == status
    assert row.value == pytest.approx(rms_db, abs=0.5)


def test_silence_decides_nothing() -> None:
    for evidence in (film_of(silence(4.0)), film_of(noise(4.0, -90.0)), replace(film_of(silence(1.0)), music=None)):
        assert {row.status for row in balance_rows(evidence)} == {"not measurable"}
