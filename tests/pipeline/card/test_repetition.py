"""Loops, and music that merely has a form."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from card_sounds import cue_plan, film_of, gained, music, plan_of, row_of, silence, sine, take_of

from pipeline.card.evidence import Evidence
from pipeline.card.limits import limits
from pipeline.card.repetition import repetition_rows
from pipeline.card.row import Row
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ

LENGTH_S = 48.0
BAR_S = 2.4
THRESHOLD = limits()["G3"].bad / 100


@cache
def _music() -> Samples:
    """Twenty bars of the same four chords, each time with another figure over them."""
    return music(LENGTH_S)


def _looped(share: float, bars: int = 1) -> Samples:
    """The last share of it replaced by the same bars, over and over."""
    sound = _music().copy()
    filled, unit = round(share * sound.shape[1]), round(bars * BAR_S * SAMPLE_RATE_HZ)
    first = sound.shape[1] - filled
    sound[:, first:] = np.tile(sound[:, first : first + unit], (1, -(-filled // unit)))[:, :filled]
    return sound


def _row(evidence: Evidence) -> Row:
    return row_of(repetition_rows(evidence), "G3")


@cache
def _plain() -> Evidence:
    return take_of(_music())


@cache
def _loop() -> Evidence:
    return take_of(_looped(1.0))


def test_the_same_chords_with_another_figure_are_no_loop() -> None:
    assert _row(_plain()).status == "pass"


@pytest.mark.parametrize(("times", "status"), [(0.5, "pass"), (1.5, "fail"), (3.0, "fail")])
def test_a_looped_bar_is_caught_where_it_fills_more_than_the_threshold(times: float, status: str) -> None:
    row = _row(take_of(_looped(min(1.0, times * THRESHOLD))))
    assert row.status == status
    if status == "fail":
        assert row.cue == "1m1"
        assert row.at_s is not None
        assert "1m1 repeats itself" in row.advice


def test_a_loop_of_four_bars_that_fills_a_cue_is_caught() -> None:
    assert _row(take_of(_looped(1.0, bars=4))).status == "fail"


def test_a_loop_whose_bars_are_no_whole_steps_is_caught() -> None:
    """At 118 bpm a bar is 2.034 s: each copy lies elsewhere between the features' tenths of a second."""
    bar_s = 240 / 118
    unit = music(bar_s * 4, 118.0)[:, : round(bar_s * SAMPLE_RATE_HZ)]
    sound = np.tile(unit, (1, 18))
    seconds = sound.shape[1] / SAMPLE_RATE_HZ
    assert _row(take_of(sound, plan_of(cue_plan(0, seconds, 118.0)))).status == "fail"


def test_a_duck_does_not_hide_a_loop() -> None:
    sound, gain_db = _looped(1.0), np.zeros(round(LENGTH_S * 100))
    for start_s in (7.0, 19.5, 33.0):
        sound = gained(sound, -15.0, start_s, start_s + 5.0)
        gain_db[round(start_s * 100) : round(start_s * 100) + 500] = -15.0
    plan = plan_of(cue_plan(0, LENGTH_S), gain_db=gain_db)
    assert _row(take_of(sound, plan)).status == "fail"


def test_music_muted_on_purpose_is_no_repetition() -> None:
    gain_db = np.zeros(round(LENGTH_S * 100))
    gain_db[1200:] = -80.0
    sound = gained(_loop_sound(), -80.0, 12.0)
    row = _row(take_of(sound, plan_of(cue_plan(0, LENGTH_S), gain_db=gain_db)))
    assert row.status == "not measurable"
    assert row.advice


@cache
def _loop_sound() -> Samples:
    return _looped(1.0)


def test_without_a_plan_a_loop_only_warns() -> None:
    evidence = _loop()
    row = _row(replace(evidence, plan=None))
    assert row.status == "warn"
    assert row.value is not None
    assert row.value > 100 * THRESHOLD
    assert "The music repeats itself" in row.advice


def test_without_a_plan_music_passes() -> None:
    assert _row(replace(_plain(), plan=None)).status == "pass"


@pytest.mark.parametrize("evidence", [take_of(silence(30.0), plan_of(cue_plan(0, 30.0))), film_of(silence(30.0))])
def test_silence_does_not_repeat(evidence: Evidence) -> None:
    assert _row(evidence).status == "not measurable"


def test_a_held_tone_is_no_loop() -> None:
    assert _row(take_of(sine(220.0, 36.0), plan_of(cue_plan(0, 36.0)))).value == 0


def test_under_twelve_bars_there_is_nothing_to_compare() -> None:
    row = _row(replace(_plain(), plan=plan_of(cue_plan(0, 24.0))))
    assert row.status == "not measurable"
    assert "12 bars" in row.advice


def test_the_worst_cue_is_shown() -> None:
    """The first cue loops, the second does not."""
    loop, plain = _loop().music, _plain().music
    assert loop is not None
    assert plain is not None
    track = replace(
        loop,
        energy=np.concatenate([loop.energy, plain.energy]),
        chroma=np.concatenate([loop.chroma, plain.chroma]),
        mel_db=np.concatenate([loop.mel_db, plain.mel_db]),
    )
    plan = plan_of(cue_plan(0, LENGTH_S, name="1m1"), cue_plan(LENGTH_S, 2 * LENGTH_S, name="1m2"))
    row = _row(Evidence(2 * LENGTH_S, track, plan=plan))
    assert (row.status, row.cue) == ("fail", "1m1")
    assert set(row.detail["cues"]) == {"1m1", "1m2"}
