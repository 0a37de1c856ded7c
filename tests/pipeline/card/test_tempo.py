"""Row C1: the tempo kept."""

from __future__ import annotations

import pytest
from card_sounds import cue_plan, film_of, music, noise, plan_of, silence

from pipeline.card.evidence import Evidence
from pipeline.card.row import Row
from pipeline.card.tempo import tempo_rows
from scoring.request import Samples

SECONDS = 20.0


def row_for(sound: Samples, bpm: float = 100.0) -> Row:
    (row,) = tempo_rows(film_of(sound, plan=plan_of(cue_plan(0.0, SECONDS, bpm))))
    return row


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("off", "fails"), [(0, False), (3, False), (9, True), (18, True)])
def test_a_tempo_is_caught_that_is_off_by_more_than_the_threshold(off: int, fails: bool, sign: int) -> None:
    played_bpm = 100.0 + sign * off
    row = row_for(music(SECONDS, played_bpm))
    assert row.value == pytest.approx(off, abs=0.5)
    assert (row.status == "fail") is fails
    assert row.detail["measured_bpm"] == pytest.approx(played_bpm, abs=0.5)
    if fails:
        assert f"{played_bpm:.0f} bpm" in row.advice


def test_beats_that_keep_their_length_say_how_well() -> None:
    assert 0 <= row_for(music(SECONDS, 100.0)).detail["beat_length_cv_percent"] < 3


@pytest.mark.parametrize("played_bpm", [50.0, 150.0, 200.0])
def test_a_tempo_counted_otherwise_never_fails(played_bpm: float) -> None:
    assert row_for(music(SECONDS, played_bpm)).status in ("pass", "not measurable")


@pytest.mark.parametrize("sound", [noise(SECONDS), silence(SECONDS)], ids=("noise", "silence"))
def test_no_pulse_is_no_pass(sound: Samples) -> None:
    row = row_for(sound)
    assert row.status == "not measurable"
    assert "no sure pulse" in row.advice


def test_of_several_cues_the_worst_is_blamed() -> None:
    import numpy as np

    sound = np.concatenate([music(SECONDS, 100.0), music(SECONDS, 110.0)], axis=1)
    cues = (cue_plan(0.0, SECONDS), cue_plan(SECONDS, 2 * SECONDS, name="1m2"))
    (row,) = tempo_rows(film_of(sound, plan=plan_of(*cues)))
    assert (row.status, row.cue, row.at_s) == ("fail", "1m2", SECONDS)
    assert row.detail["bpm_of_cues"] == {"1m1": pytest.approx(100, abs=0.5), "1m2": pytest.approx(110, abs=0.5)}


def test_without_a_plan_the_tempo_is_told_and_not_judged() -> None:
    (row,) = tempo_rows(film_of(music(SECONDS, 100.0)))
    assert row.status == "not measurable"
    assert row.detail["measured_bpm"] in (pytest.approx(100, abs=1), pytest.approx(200, abs=2))
    (row,) = tempo_rows(film_of(noise(SECONDS)))
    assert row.status == "not measurable"
    assert not row.detail


def test_without_music_there_is_no_tempo() -> None:
    (row,) = tempo_rows(Evidence(SECONDS, None, plan=plan_of(cue_plan(0.0, SECONDS))))
    assert (row.status, row.advice) == ("not measurable", "There is no music")
