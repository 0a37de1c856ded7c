"""Where the beats of a cue lie, on music whose beats are known."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from card_sounds import cue_plan, music, noise, plan_of, silence, tracked
from hypothesis import given, settings
from hypothesis import strategies as st

from music_engine.composer.engine import Composer
from pipeline.card.beats import FOLDS, SURE, Beats, NoPulse, read_beats
from pipeline.card.changes import harmony_fit
from pipeline.card.evidence import CuePlan, Series
from pipeline.card.lag import STEP_S, fit_lag, lags_within
from pipeline.card.pulse import accents, tempo_of
from pipeline.card.track import ONSET_HZ, Track
from scoring.cue_sheet import Metre
from scoring.key import Key
from scoring.request import CueRequest, Samples
from scoring.timebase import SAMPLE_RATE_HZ, TimeRange

SECONDS = 16.0
NAMES = ("Am", "F", "C", "G")


def moved(sound: Samples, late_s: float) -> Samples:
    """The sound later (or earlier), as long as it was."""
    count = round(abs(late_s) * SAMPLE_RATE_HZ)
    gap = silence(count / SAMPLE_RATE_HZ)
    if late_s >= 0:
        return np.concatenate([gap, sound], axis=1)[:, : sound.shape[1]]
    return np.concatenate([sound[:, count:], gap], axis=1)


@cache
def played(bpm: float) -> Samples:
    """Some music, made once."""
    return music(SECONDS, bpm)


@cache
def heard(bpm: float = 100.0) -> Track:
    """What is heard of it."""
    return tracked(played(bpm))


def planned(bpm: float, seconds: float = SECONDS) -> CuePlan:
    """A cue with the chords that `music` plays."""
    cue = cue_plan(0.0, seconds, bpm)
    return replace(cue, chords=tuple((bar_s, NAMES[n % 4]) for n, bar_s in enumerate(cue.bars_s)))


def read(track: Track, cue: CuePlan) -> Beats:
    beats = read_beats(track, cue, plan_of(cue))
    assert isinstance(beats, Beats), beats
    return beats


def late_s(beats: Beats) -> float:
    assert beats.planned_s is not None
    return float(np.median(beats.measured_s - beats.planned_s))


def asked(style: str, bpm: float) -> CueRequest:
    return CueRequest(
        "1m1", style, "", "calm", 24.0, bpm, Key.parse("D minor"), Metre(), 0.0, 0.0, 0.0, 0.2, ((0.0, 0.6),), (),
        "end", 1, 7, True, True,
    )  # fmt: skip


@pytest.mark.parametrize("bpm", [70.0, 100.0, 140.0])
def test_beats_are_found_where_they_were_planned(bpm: float) -> None:
    beats = read(heard(bpm), planned(bpm))
    assert beats.planned_s is not None
    assert np.abs(beats.measured_s - beats.planned_s).max() < 0.03
    assert beats.tempo == pytest.approx(1, abs=0.002)


@settings(max_examples=10, deadline=None)
@given(shift_s=st.integers(-45, 45).map(lambda hundredths: hundredths / 100), bpm=st.sampled_from((80.0, 125.0)))
def test_a_shift_of_up_to_most_of_a_beat_is_read_to_a_hundredth(shift_s: float, bpm: float) -> None:
    beats = read(tracked(moved(played(bpm), shift_s)), planned(bpm))
    assert late_s(beats) == pytest.approx(shift_s, abs=0.015)


@pytest.mark.parametrize("beats_off", [0.5, -0.5, 1.0, -1.0])
def test_half_a_beat_and_a_whole_one_are_not_taken_for_none(beats_off: float) -> None:
    """Eighths fall on half beats too: only the harmony tells which of them is the beat."""
    beats = read(tracked(moved(played(120.0), beats_off * 0.5)), planned(120.0))
    assert late_s(beats) == pytest.approx(beats_off * 0.5, abs=0.015)


def test_without_chords_a_grid_a_beat_off_is_taken_for_one_on_its_place() -> None:
    beats = read(tracked(moved(played(120.0), 0.5)), cue_plan(0.0, SECONDS, 120.0))
    assert late_s(beats) == pytest.approx(0, abs=0.015)


@pytest.mark.parametrize("tempo", [0.82, 0.91, 0.97, 1.03, 1.09, 1.18])
def test_another_tempo_is_read_and_not_followed(tempo: float) -> None:
    beats = read(heard(100 * tempo), planned(100.0))
    assert beats.planned_s is None
    assert beats.tempo == pytest.approx(tempo, rel=0.005)
    assert np.diff(beats.measured_s).mean() == pytest.approx(0.6 / tempo, rel=0.01)


@pytest.mark.parametrize("fold", FOLDS)
def test_a_tempo_counted_otherwise_is_the_planned_one(fold: float) -> None:
    found = read_beats(heard(96 * fold), planned(96.0), plan_of(planned(96.0)))
    assert isinstance(found, NoPulse) or found.tempo == pytest.approx(1, abs=0.01)


def test_a_slow_drift_is_followed_from_beat_to_beat() -> None:
    beats = read(tracked(music(40.0, 101.0)), planned(100.0, 40.0))
    assert beats.planned_s is not None
    assert beats.tempo == pytest.approx(1.01, abs=0.002)
    assert (beats.measured_s - beats.planned_s)[-1] == pytest.approx(-0.39, abs=0.05)


@pytest.mark.parametrize("sound", [noise(SECONDS), silence(SECONDS)], ids=("noise", "silence"))
def test_what_has_no_pulse_says_so(sound: Samples) -> None:
    found = read_beats(tracked(sound), planned(100.0), plan_of(planned(100.0)))
    assert found == NoPulse("1m1 has no sure pulse")


def test_a_withheld_cue_and_a_very_short_one_have_no_beats() -> None:
    track = heard()
    withheld = replace(planned(100.0), withheld=True)
    short = replace(planned(100.0), range=TimeRange(0.0, 4.0))
    assert read_beats(track, withheld, plan_of(withheld)) == NoPulse("1m1 was withheld")
    assert read_beats(track, short, plan_of(short)) == NoPulse("1m1 has fewer than 8 beats")


def test_what_is_heard_under_a_mute_does_not_count() -> None:
    """The first half is somebody else's music at another place; the plan muted ours there."""
    sound = played(120.0).copy()
    sound[:, : 6 * SAMPLE_RATE_HZ] = moved(sound, 0.17)[:, : 6 * SAMPLE_RATE_HZ]
    gain_db = np.where(np.arange(1600) < 600, -80.0, 0.0)
    cue = planned(120.0)
    found = read_beats(tracked(sound), cue, plan_of(cue, gain_db=gain_db))
    assert isinstance(found, Beats)
    assert late_s(found) == pytest.approx(0, abs=0.015)


def test_a_cue_in_the_middle_of_a_film_is_read_on_the_films_clock() -> None:
    sound = np.concatenate([silence(7.3), played(100.0)], axis=1)
    cue = cue_plan(7.3, 7.3 + SECONDS)
    assert late_s(read(tracked(sound), cue)) == pytest.approx(0, abs=0.015)


def test_a_take_that_begins_before_its_cue_is_read_on_the_cues_clock() -> None:
    sound = np.concatenate([silence(0.9), played(100.0)], axis=1)
    beats = read(tracked(sound, starts_at_s=-0.9), planned(100.0))
    assert late_s(beats) == pytest.approx(0, abs=0.015)


@pytest.mark.parametrize(("style", "bpm"), [("cinematic", 104.0), ("upbeat", 125.0)])
def test_what_the_composer_plays_lies_on_its_own_grid(style: str, bpm: float) -> None:
    made = Composer().compose([asked(style, bpm)], with_stems=False)[0]
    cue = replace(
        cue_plan(0.0, 24.0, bpm), beats_s=made.beats_s, bars_s=made.bars_s,
        chords=tuple((chord.time_s, chord.symbol) for chord in made.chords),
    )  # fmt: skip
    for shift_s in (0.0, -0.24):
        assert late_s(read(tracked(moved(made.audio, shift_s)), cue)) == pytest.approx(shift_s, abs=0.03)


@pytest.mark.parametrize("bpm", [72.0, 100.0, 132.0])
def test_a_tempo_nobody_planned_is_read_but_for_its_octave(bpm: float) -> None:
    found = tempo_of(accents(heard(bpm).onset))
    assert found is not None
    assert min(abs(found / bpm / fold - 1) for fold in FOLDS) < 0.01


def test_noise_has_no_tempo() -> None:
    assert tempo_of(accents(tracked(noise(SECONDS)).onset)) is None


def pulses(times_s: Series, seconds: float) -> Series:
    """A curve of nothing but blows, mean 0 and deviation 1."""
    curve = np.zeros(round(seconds * ONSET_HZ))
    curve[np.round(times_s * ONSET_HZ).astype(int)] = 1
    return (curve - curve.mean()) / curve.std()


@given(
    lag_s=st.integers(-40, 40).map(lambda steps: steps * STEP_S),
    drift=st.sampled_from((-0.01, -0.004, 0.0, 0.004, 0.01)),
)
def test_lag_and_drift_of_a_grid_are_read_together(lag_s: float, drift: float) -> None:
    beats_s = np.arange(2.0, 38.0, 0.5)
    heard_s = beats_s + lag_s + drift * (beats_s - beats_s.mean())
    lags_s = lags_within(0.24)
    found = fit_lag(pulses(heard_s, 40.0), beats_s, lags_s, np.zeros(lags_s.size))
    assert found.drift == pytest.approx(drift, abs=0.002)
    assert np.abs(found.late_s - (heard_s - beats_s)).max() < 0.04


def test_where_a_part_of_a_cue_has_a_pulse_that_part_decides() -> None:
    """A quarter of blows 0.05 s late, and noise that is as strong."""
    beats_s = np.arange(0.5, 79.0, 0.5)
    curve = pulses(beats_s + 0.05, 80.0)
    curve[20 * ONSET_HZ :] = np.random.default_rng(1).standard_normal(60 * ONSET_HZ)
    lags_s = lags_within(0.24)
    found = fit_lag(curve, beats_s, lags_s, np.zeros(lags_s.size))
    assert found.sure > SURE
    assert np.median(found.late_s[beats_s < 20]) == pytest.approx(0.05, abs=0.01)


@given(seed=st.integers(0, 500))
@settings(max_examples=40, deadline=None)
def test_noise_is_never_sure(seed: int) -> None:
    beats_s = np.arange(0.5, 39.0, 0.6)
    lags_s = lags_within(0.3)
    curve = np.random.default_rng(seed).standard_normal(40 * ONSET_HZ)
    assert fit_lag(curve, beats_s, lags_s, np.zeros(lags_s.size)).sure < SURE


def test_chords_fit_best_where_they_are_heard() -> None:
    track = heard()
    starts_s = np.array(planned(100.0).bars_s)
    names = tuple(NAMES[n % 4] for n in range(starts_s.size))
    lags_s = np.arange(-6, 7) / 10
    fit = harmony_fit(track.chroma, starts_s, names, lags_s, np.ones(len(track.chroma), bool))
    assert abs(lags_s[fit.argmax()]) <= 0.1
    assert fit.max() > 0.5


def test_a_single_chord_tells_nothing() -> None:
    fit = harmony_fit(tracked(music(8.0)).chroma, np.zeros(1), ("Am",), np.zeros(3), np.ones(80, bool))
    assert not fit.any()
