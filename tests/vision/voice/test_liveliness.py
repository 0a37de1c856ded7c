"""How lively voices are, and how that comes and goes over a film."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.speech import Speech, SpeechRegion
from vision.voice.liveliness import EARLY_S, LATE_S, liveliness, voice_curve

USUAL = SpeechRegion(10.0, 14.0, -20.0, 155.0, 2.7, 5.5)
maybe = st.none
regions = st.builds(
    SpeechRegion,
    st.just(10.0),
    st.floats(10.3, 60.0),
    maybe() | st.floats(-70.0, 0.0),
    maybe() | st.floats(60.0, 500.0),
    maybe() | st.floats(0.0, 12.0),
    maybe() | st.floats(1.0, 14.0),
)


def test_a_usual_voice_is_neither_lively_nor_calm() -> None:
    assert liveliness(USUAL) == pytest.approx(0.0, abs=1e-9)


def test_who_cannot_be_described_says_nothing() -> None:
    assert liveliness(SpeechRegion(1.0, 2.0, -5.0)) is None
    assert len(voice_curve(Speech((SpeechRegion(1.0, 2.0, -5.0),)), np.arange(5.0))) == 0
    assert len(voice_curve(Speech(), np.arange(5.0))) == 0


@pytest.mark.parametrize(
    "livelier",
    [
        pytest.param({"loudness_lufs": -14.0}, id="louder"),
        pytest.param({"pitch_hz": 155.0 * 2 ** (4 / 12)}, id="higher"),
        pytest.param({"pitch_spread_st": 4.0}, id="more varied"),
        pytest.param({"pace_per_s": 5.5 * 1.25}, id="faster"),
    ],
)
def test_louder_higher_more_varied_and_faster_voices_are_each_livelier(livelier: dict[str, float]) -> None:
    assert liveliness(replace(USUAL, **livelier)) > 0.03


def test_men_and_women_as_lively_differ_little() -> None:
    man, woman = (liveliness(replace(USUAL, pitch_hz=hz)) for hz in (110.0, 208.0))
    assert abs(woman - man) < 0.12


@given(st.lists(regions, max_size=5))
def test_the_curve_is_within_its_bounds_whatever_is_said(said: list[SpeechRegion]) -> None:
    end_s, placed = 0.0, []
    for region in said:
        placed.append(replace(region, start_s=end_s, end_s=end_s + region.duration_s))
        end_s += region.duration_s + 1.0
    times_s = np.arange(0.25, end_s + 5.0, 0.5)
    voice = voice_curve(Speech(tuple(placed)), times_s)
    found = [value for region in placed if (value := liveliness(region)) is not None]
    assert len(voice) == (len(times_s) if found else 0)
    if found:
        assert min(0.0, *found) - 1e-4 <= voice.min() <= voice.max() <= max(0.0, *found) + 1e-4
        assert np.abs(voice).max() <= 1.0


def test_a_voice_comes_before_its_words_and_fades_after_them() -> None:
    times_s = np.arange(0.0, 60.0, 0.5)
    voice = voice_curve(Speech((replace(USUAL, pace_per_s=8.0),)), times_s)
    inside = voice[(times_s >= 10.0) & (times_s <= 14.0)]
    assert inside == pytest.approx(np.full(len(inside), liveliness(replace(USUAL, pace_per_s=8.0))), abs=1e-4)
    after = voice[times_s > 14.0]
    assert all(b <= a for a, b in pairwise(after.tolist()))
    assert np.interp(14.0 + LATE_S, times_s, voice) == pytest.approx(inside[0] / np.e, rel=0.02)
    assert np.interp(10.0 - EARLY_S, times_s, voice) == pytest.approx(inside[0] / np.e, rel=0.05)
    assert voice[-1] == 0.0


def test_what_was_said_lately_counts_more_than_what_was_said_before() -> None:
    slow, quick = replace(USUAL, pace_per_s=3.0), replace(USUAL, start_s=20.0, end_s=24.0, pace_per_s=8.0)
    times_s = np.array([12.0, 22.0, 26.0])
    voice = voice_curve(Speech((slow, quick)), times_s)
    assert voice[0] < 0 < voice[2]
    assert voice[1] < liveliness(quick)
