from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.sound.automation import DEEPEST_DB
from pipeline.sound.clearance import worst_clearance
from pipeline.sound.level import SOURCE_BOOST_LIMIT_DB, Levels, plan_levels
from pipeline.wish import Wish
from scoring.timebase import TimeRange


def energy(*parts: tuple[float, float]) -> NDArray[np.float64]:
    """Tenths of a second: (LUFS, seconds), …"""
    return np.concatenate([np.full(round(s * 10), 10 ** ((lufs + 0.691) / 10)) for lufs, s in parts])


def clearance_of(
    levels: Levels, music: NDArray[np.float64], source: NDArray[np.float64], speech: list[TimeRange]
) -> float:
    gained = music * 10 ** (levels.music_gain_db / 10) * levels.automation.power(music.size, 10)
    worst = worst_clearance(source * 10 ** (levels.source_gain_db / 10), gained, speech)
    assert worst is not None
    return worst.worst_lu


TALK = [TimeRange(5.0, 9.0), TimeRange(15.0, 18.0)]
SOURCE = energy((-60, 5), (-27, 4), (-60, 6), (-29, 3), (-60, 12))
MUSIC = energy((-20, 15), (-17, 15))


@pytest.mark.parametrize("wanted_lu", [10.0, 14.0, 20.0])
def test_speech_stands_clear_of_the_music_in_its_worst_window(wanted_lu: float) -> None:
    levels = plan_levels(Wish(clearance_lu=wanted_lu), 30.0, MUSIC, SOURCE, TALK, [])
    assert clearance_of(levels, MUSIC, SOURCE, TALK) >= wanted_lu
    assert max(duck.depth_db for duck in levels.ducks) <= DEEPEST_DB
    # Between and after the speech it is back, no more than 10 LU under the speech.
    after = MUSIC * 10 ** (levels.music_gain_db / 10) * levels.automation.power(MUSIC.size, 10)
    assert 10 * np.log10(after[220:300].max()) - 0.691 >= -28 - 10


@settings(max_examples=40, deadline=None)
@given(st.floats(-45, -15), st.floats(-30, -12), st.integers(0, 1000))
def test_whatever_the_levels_the_clearance_is_kept_or_the_duck_is_at_its_deepest(
    speech_lufs: float, music_lufs: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    source = energy((-70, 5), (speech_lufs, 4), (-70, 6), (speech_lufs, 3), (-70, 12)) * rng.uniform(0.2, 2, 300)
    music = energy((music_lufs, 30)) * rng.uniform(0.3, 2, 300)
    levels = plan_levels(Wish(), 30.0, music, source, TALK, [])
    assert clearance_of(levels, music, source, TALK) >= 13.9 or max(d.depth_db for d in levels.ducks) == DEEPEST_DB


def test_keep_leaves_the_music_level_and_replace_removes_the_source() -> None:
    keep = plan_levels(Wish(dialogue="keep"), 30.0, MUSIC, SOURCE, TALK, [])
    assert keep.automation.is_flat
    replace = plan_levels(Wish(dialogue="replace"), 30.0, MUSIC, SOURCE, TALK, [])
    assert replace.source_gain_db == -math.inf
    assert replace.automation.is_flat


def test_without_speech_the_source_lies_under_the_music_and_noise_is_not_pulled_up() -> None:
    loud = plan_levels(Wish(), 30.0, energy((-20, 30)), energy((-14, 30)), [], [])
    assert loud.music_gain_db == pytest.approx(10.0, abs=0.1)
    quiet = plan_levels(Wish(), 30.0, energy((-20, 30)), energy((-50, 30)), [], [])
    assert quiet.source_gain_db == SOURCE_BOOST_LIMIT_DB
    silent = plan_levels(Wish(), 30.0, energy((-20, 30)), np.zeros(300), [], [])
    assert (silent.music_gain_db, silent.source_gain_db) == (0.0, 0.0)


def test_the_films_own_music_is_skipped_lowered_or_kept_as_asked() -> None:
    music, own = energy((-20, 30)), [TimeRange(10.0, 20.0)]
    source = energy((-70, 10), (-20, 10), (-70, 10))
    skip = plan_levels(Wish(), 30.0, music, source, [], own).automation.power(300, 10)
    lower = plan_levels(Wish(existing_music="lower"), 30.0, music, source, [], own).automation.power(300, 10)
    keep = plan_levels(Wish(existing_music="keep"), 30.0, music, source, [], own).automation
    assert skip[110:190].max() < 1e-8
    assert 10 * np.log10(lower[110:190].max()) == pytest.approx(-12.0, abs=0.1)
    assert keep.is_flat


def test_a_film_with_music_throughout_is_scored_all_the_same_unless_told_otherwise() -> None:
    music, source = energy((-20, 30)), energy((-20, 30))
    throughout = [TimeRange(0.0, 28.0)]
    assert plan_levels(Wish(), 30.0, music, source, [], throughout).automation.is_flat
    told = plan_levels(Wish(existing_music="skip"), 30.0, music, source, [], throughout).automation.power(300, 10)
    assert told[10:270].max() < 1e-8


def test_ranges_and_level_do_what_they_say() -> None:
    music, source = energy((-20, 30)), np.zeros(300)
    only = plan_levels(Wish(only=TimeRange(10, 20)), 30.0, music, source, [], []).automation.power(300, 10)
    assert only[:90].max() < 1e-8
    assert only[110:190].min() > 0.99
    without = plan_levels(Wish(no_music=(TimeRange(5, 8),)), 30.0, music, source, [], []).automation.power(300, 10)
    assert without[50:80].max() < 1e-8
    assert plan_levels(Wish(music_level_db=-6.0), 30.0, music, source, [], []).music_gain_db == -6.0
