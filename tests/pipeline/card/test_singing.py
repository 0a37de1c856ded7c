"""Voices in instrumental music. The singer is made of numbers; the model hears it as it hears real ones."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from card_sounds import added, cue_plan, gained, music, muted, noise, plan_of, take_of, tracked
from hypothesis import given, settings
from hypothesis import strategies as st
from spoken import read_sound
from sung import sing
from voices import VOICES

from pipeline.card import voicing
from pipeline.card.evidence import Evidence, Levels
from pipeline.card.singing import singing_rows
from pipeline.card.track import Track
from pipeline.card.tracking import Tracker
from pipeline.card.voicing import VoiceCurve
from scoring.request import Samples
from scoring.timebase import SAMPLE_RATE_HZ, TimeRange

LENGTH_S = 20.0
SUNG_FROM_S = 6.0
FEW = settings(max_examples=10, deadline=None)


@cache
def _bed() -> Samples:
    return music(LENGTH_S, rms_db=-20.0)


@cache
def _singer(number: int) -> Samples:
    """Ten seconds at the bed's level."""
    sound, _ = sing(10.0, 40 + number, VOICES[number])
    return gained(sound, -20.0 - 10 * float(np.log10(np.mean(sound**2))))


@cache
def _sung(number: int, over_db: float) -> Track:
    return tracked(added(_bed(), gained(_singer(number), over_db), SUNG_FROM_S))


@cache
def _instrumental() -> Track:
    return tracked(_bed())


def _take(track: Track, **changes: object) -> Evidence:
    plan = plan_of(replace(cue_plan(0.0, LENGTH_S), **changes))  # type: ignore[arg-type]
    return Evidence(LENGTH_S, track, plan=plan)


def test_instruments_do_not_sing() -> None:
    (row,) = singing_rows(_take(_instrumental()))
    assert (row.status, row.cue, row.advice, row.at_s) == ("pass", "1m1", "", None)


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("over_db", [3.0, 0.0])
def test_a_singer_as_loud_as_the_instruments_is_caught(number: int, over_db: float) -> None:
    (row,) = singing_rows(_take(_sung(number, over_db)))
    assert row.status == "fail"
    assert row.at_s is not None
    assert SUNG_FROM_S - 4 <= row.at_s <= SUNG_FROM_S + 8
    assert "sings in 1m1" in row.advice


def test_the_cue_that_is_sung_in_is_named() -> None:
    cues = cue_plan(0.0, 5.0, name="1m1"), cue_plan(5.0, LENGTH_S, name="1m2")
    (row,) = singing_rows(Evidence(LENGTH_S, _sung(0, 3.0), plan=plan_of(*cues)))
    assert row.cue == "1m2"
    assert row.detail["1m1"] == 0.0
    assert row.detail["1m2"] > 25


def test_who_asked_for_a_singer_gets_one() -> None:
    (row,) = singing_rows(_take(_sung(0, 3.0), is_instrumental=False))
    assert row.status == "not measurable"
    cues = cue_plan(0.0, 5.0, name="1m1"), replace(cue_plan(5.0, LENGTH_S, name="1m2"), is_instrumental=False)
    (row,) = singing_rows(Evidence(LENGTH_S, _sung(0, 3.0), plan=plan_of(*cues)))
    assert (row.status, row.cue) == ("pass", "1m1")


def test_without_a_plan_a_singer_is_only_told() -> None:
    (row,) = singing_rows(Evidence(LENGTH_S, _sung(0, 3.0)))
    assert row.status == "warn"
    assert "sings in the music" in row.advice


def test_what_the_films_speech_leaves_behind_does_not_sing() -> None:
    talking = _sung(0, 3.0)
    nothing = np.zeros(200)
    levels = Levels(nothing, nothing, nothing, (TimeRange(SUNG_FROM_S, 17.0),), 14.0, True)
    film = replace(_take(talking), levels=levels, has_source=True)
    (row,) = singing_rows(film)
    assert row.status == "pass"
    # A lone take has no film in it, and its voices are its own.
    (row,) = singing_rows(replace(film, has_source=False))
    assert row.status == "fail"


def test_where_the_film_drowns_the_music_nothing_is_listened_to() -> None:
    faint = tracked(added(_bed(), _singer(0), SUNG_FROM_S))
    crowd = noise(LENGTH_S, 8.0)
    whole = tracked(crowd)
    (row,) = singing_rows(replace(_take(faint), whole=whole, has_source=True))
    assert row.status == "not measurable"


def test_muted_music_is_not_listened_to() -> None:
    gain_db = np.zeros(2000)
    gain_db[600:1700] = -90.0
    film = replace(_take(_sung(0, 3.0)), plan=plan_of(cue_plan(0.0, LENGTH_S), gain_db=gain_db))
    (row,) = singing_rows(film)
    assert row.status == "pass"


def test_a_sound_that_was_not_listened_to_for_voices_is_not_measurable() -> None:
    tracker = Tracker(hears_voices=False)
    tracker.add(_bed()[:, :SAMPLE_RATE_HZ])
    (row,) = singing_rows(Evidence(1.0, tracker.track(), plan=plan_of(cue_plan(0.0, 1.0))))
    assert row.status == "not measurable"
    assert singing_rows(Evidence(1.0, None))[0].status == "not measurable"


def test_little_music_is_not_enough() -> None:
    (row,) = singing_rows(take_of(_bed()[:, : 3 * SAMPLE_RATE_HZ]))
    assert row.status == "not measurable"


def test_a_singer_in_the_middle_is_heard_through_wide_instruments() -> None:
    wide = noise(10.0, -20.0)  # as loud in the difference of the channels as in their sum
    plain, aside = _certain(added(wide, _singer(0))), _certain(wide)
    alone = _certain(_singer(0))
    assert alone > 0.5
    assert plain > 0.6 * alone
    assert aside < 0.05


def _certain(sound: Samples) -> float:
    """The share of tenths with a voice in them."""
    curve = VoiceCurve()
    curve.put(sound)
    return float((curve.finish(100) > 0.5).mean())


@FEW
@given(st.lists(st.integers(1, 40_000), min_size=1, max_size=6), st.integers(0, 200_000))
def test_any_blocks_give_the_same_certainty(sizes: list[int], samples: int) -> None:
    sound = _singer(1)[:, :samples]
    whole, pieces = VoiceCurve(), VoiceCurve()
    whole.put(sound)
    start = turn = 0
    while start < samples:
        size = sizes[turn % len(sizes)] + 3000
        pieces.put(sound[:, start : start + size])
        start, turn = start + size, turn + 1
    steps = -(-samples // 4800)
    one, other = whole.finish(steps), pieces.finish(steps)
    assert one.size == steps
    np.testing.assert_allclose(one, other, atol=5e-3)


def test_silence_has_no_voice() -> None:
    curve = VoiceCurve()
    curve.put(muted(_bed(), 0.0))
    assert not curve.finish(200).any()


@pytest.mark.slow
def test_real_instruments_do_not_sing(shared: Path) -> None:
    tracks = sorted((shared / "ace-step-tracks").glob("*.opus"))
    if not tracks:
        pytest.skip("the real tracks are not here")
    for path in tracks[::5]:
        sound = read_sound(path)
        (row,) = singing_rows(take_of(sound))
        assert row.status == "pass", path.name
        sung = added(sound, gained(_singer(0), 20 + 10 * float(np.log10(np.mean(sound**2)))), SUNG_FROM_S)
        (row,) = singing_rows(take_of(sung))
        assert row.status == "fail", path.name


@pytest.mark.parametrize("gain_db", [-12.0, 0.0, 6.0])
def test_a_singer_is_caught_however_loud_the_file_is(gain_db: float) -> None:
    sung = added(_bed(), gained(_singer(0), 3.0), SUNG_FROM_S)
    (row,) = singing_rows(_take(tracked(gained(sung, gain_db))))
    assert row.status == "fail"


def test_the_curve_is_no_surer_than_the_model_at_either_of_two_levels() -> None:
    # A composer's pad, widened, was a voice for 57 % of 8 s at one level and for none of it 6 dB lower.
    sound = added(_bed(), gained(_singer(1), -6.0), SUNG_FROM_S)
    steps = sound.shape[1] // 4800
    both = VoiceCurve()
    both.put(sound)
    curve = both.finish(steps)
    for level in voicing._LEVELS:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(voicing, "_LEVELS", (level,))
            alone = VoiceCurve()
            alone.put(sound)
            assert curve.mean() <= alone.finish(steps).mean() + 1e-6
