"""What is never delivered, and the loud music that is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from card_sounds import added, cue_plan, film_of, gained, music, muted, noise, plan_of, row_of, silence, sine, take_of
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.card.evidence import Evidence
from pipeline.card.safety import safety_rows
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

NAMES = ("S1-spike", "S1-tone", "S1-sub", "S1-level")
FEW = settings(max_examples=8, deadline=None)


def _statuses(sound: Samples) -> dict[str, str]:
    return {row.id: row.status for row in safety_rows(take_of(sound))}


def _burst(rms_db: float, seconds: float = 0.2) -> Samples:
    return noise(seconds, rms_db, seed=3)


def _blow(rms_db: float) -> Samples:
    """A drum's: as loud, and it rings on."""
    sound = noise(3.0, 0.0, seed=5)
    return np.asarray(
        sound * 10 ** (rms_db / 20) * np.exp(-np.arange(sound.shape[1]) / SAMPLE_RATE_HZ / 0.35), np.float32
    )


@FEW
@given(st.floats(-40.0, -13.0), st.floats(60.0, 180.0))
def test_music_of_any_level_and_tempo_is_safe(rms_db: float, bpm: float) -> None:
    assert set(_statuses(music(5.0, bpm, rms_db=rms_db)).values()) == {"pass"}


@pytest.mark.parametrize(("over_db", "status"), [(7.5, "pass"), (22.5, "fail"), (45.0, "fail")])
@pytest.mark.parametrize("seconds", [0.1, 0.25])
def test_a_burst_over_the_music_is_a_spike(over_db: float, status: str, seconds: float) -> None:
    sound = music(10.0, rms_db=-34.0)
    rows = safety_rows(take_of(added(sound, _burst(-30.0 + over_db, seconds), 5.0)))
    row = row_of(rows, "S1-spike")
    assert row.status == status
    if status == "fail":
        assert row.at_s == pytest.approx(5.0, abs=0.15)
        assert "0:05" in row.advice
        assert [other.id for other in rows if other.status == "fail"] == ["S1-spike"]


def test_a_blow_that_rings_on_is_music() -> None:
    assert _statuses(added(music(10.0, rms_db=-40.0), _blow(-10.0), 5.0))["S1-spike"] == "pass"


def test_music_that_comes_in_after_silence_or_grows_at_once_is_no_spike() -> None:
    sound = music(10.0, rms_db=-14.0)
    assert _statuses(muted(sound, 0.0, 5.0))["S1-spike"] == "pass"
    assert _statuses(gained(sound, -30.0, 0.0, 5.0))["S1-spike"] == "pass"
    assert _statuses(gained(sound, -30.0, 5.0))["S1-spike"] == "pass"


@pytest.mark.parametrize("rms_db", [-56.0, -46.5, -40.5])
@pytest.mark.parametrize("hz", [17_001.0, 19_000.0, 22_000.0])
def test_a_steady_high_tone_is_caught_from_minus_fifty(rms_db: float, hz: float) -> None:
    rows = safety_rows(take_of(added(music(6.0), sine(hz, 2.0, rms_db + 3.01), 2.0)))
    row = row_of(rows, "S1-tone")
    assert row.value == pytest.approx(rms_db, abs=1.0)
    assert (row.status == "fail") == (rms_db > -50)
    assert row.at_s == pytest.approx(2.0, abs=0.4)


def test_a_high_tone_must_last_and_stay_where_it_is() -> None:
    assert _statuses(added(music(6.0), sine(19_000.0, 0.15, -30.0), 2.0))["S1-tone"] == "pass"
    time = np.arange(2 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    sweep = 0.03 * np.sin(2 * np.pi * (17_000 * time + 1000 * time**2))
    swept = added(music(6.0), np.stack([sweep, sweep]).astype(np.float32), 2.0)
    assert _statuses(swept)["S1-tone"] == "pass"


def test_bright_noise_and_hats_hold_no_tone() -> None:
    assert _statuses(noise(4.0, -14.0, tilt_db_per_octave=0.0))["S1-tone"] == "pass"


@pytest.mark.parametrize("hz", [8.0, 12.0, 15.0])
@pytest.mark.parametrize(("rms_db", "status"), [(-36.0, "pass"), (-29.0, "warn"), (-22.5, "fail"), (-16.5, "fail")])
def test_a_rumble_below_hearing_is_caught(hz: float, rms_db: float, status: str) -> None:
    assert _statuses(added(music(8.0), sine(hz, 3.0, rms_db + 3.01), 3.0))["S1-sub"] == status


def test_low_notes_and_short_thuds_are_music() -> None:
    assert _statuses(added(music(6.0), sine(21.0, 3.0, -12.0), 1.0))["S1-sub"] == "pass"
    assert _statuses(added(music(6.0), sine(12.0, 0.5, -20.0), 1.0))["S1-sub"] != "fail"


@pytest.mark.parametrize(("seconds", "status"), [(0.5, "pass"), (1.5, "fail"), (3.0, "fail")])
@pytest.mark.parametrize("maker", [lambda s: noise(s, -3.0), lambda s: sine(40.0, s, 0.5)])
def test_sound_over_any_master_must_not_last(seconds: float, status: str, maker: Callable[[float], Samples]) -> None:
    row = row_of(safety_rows(take_of(added(music(8.0, rms_db=-30.0), maker(seconds), 3.0))), "S1-level")
    assert row.status == status
    assert row.value == pytest.approx(seconds, abs=0.21)


def test_a_fault_is_laid_to_the_cue_that_sounds_then() -> None:
    plan = plan_of(cue_plan(0.0, 4.0), cue_plan(4.0, 8.0, name="1m2"))
    row = row_of(safety_rows(take_of(added(music(8.0), sine(19_000.0, 2.0, -30.0), 5.0), plan)), "S1-tone")
    assert (row.status, row.cue) == ("fail", "1m2")
    assert "1m2" in row.advice


def test_silence_is_safe_and_no_music_is_not_measurable() -> None:
    assert set(_statuses(silence(3.0)).values()) == {"pass"}
    for evidence in (film_of(silence(0.2)), Evidence(3.0, None)):
        assert [(row.id, row.status) for row in safety_rows(evidence)] == [(name, "not measurable") for name in NAMES]
