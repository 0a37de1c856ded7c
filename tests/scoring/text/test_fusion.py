from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.analysis import EmotionCurve
from scoring.moods import mood_names, mood_probabilities
from scoring.text.feeling import TextFeeling
from scoring.text.fusion import LINGER_S, fuse
from scoring.text.said import Said, TimedFeeling, TimedText, read_lines, read_whole

unit = st.floats(-1, 1)


def curve_of(
    valence: float | np.ndarray = 0.0, *, arousal: float = 0.0, tension: float = 0.3, confidence: float = 0.24
) -> EmotionCurve:
    """A curve of 60 s at 2 Hz."""
    times_s = np.arange(120) / 2
    values = np.broadcast_to(np.asarray(valence, float), times_s.shape).copy()
    others = np.full(120, arousal), np.full(120, tension)
    return EmotionCurve(
        times_s, values, *others, np.full(120, confidence), mood_names(), mood_probabilities(values, *others), "made-up"
    )


def said_at(start_s: float, end_s: float, valence: float, *, confidence: float = 0.6, arousal: float = 0.2) -> Said:
    feeling = TextFeeling(valence, arousal, "sad" if valence < 0 else "happy", confidence, "en", (("word", valence),))
    return Said("subtitles", "en", (TimedFeeling(start_s, end_s, feeling),), feeling)


def at(curve: EmotionCurve, time_s: float) -> float:
    return float(np.interp(time_s, curve.times_s, curve.valence))


def test_without_words_it_is_the_same_curve() -> None:
    curve = curve_of()
    assert fuse(curve, ()) is curve
    for nothing in (read_lines([]), read_whole("", "description"), read_lines([TimedText(1, 2, "The module.")])):
        assert fuse(curve, [nothing]) is curve


def test_where_nothing_is_said_nothing_changes_to_the_bit() -> None:
    curve = curve_of(np.linspace(-0.5, 0.5, 120))
    fused = fuse(curve, [said_at(20, 24, 0.9)])
    away = (curve.times_s <= 20 - LINGER_S) | (curve.times_s >= 24 + LINGER_S)
    for name in ("valence", "arousal", "tension", "confidence", "mood_probabilities"):
        np.testing.assert_array_equal(getattr(fused, name)[away], getattr(curve, name)[away])
    near = (curve.times_s >= 20) & (curve.times_s <= 24)
    assert (fused.valence[near] > curve.valence[near]).all()


def test_a_line_comes_and_goes_over_a_few_seconds() -> None:
    fused = fuse(curve_of(), [said_at(20, 24, 0.9)])
    assert at(fused, 22) > at(fused, 25.5) > at(fused, 27) > 0
    assert np.abs(np.diff(fused.valence)).max() < 0.25


def test_the_curve_says_what_it_was_read_from() -> None:
    curve = replace(curve_of(), read_from=("picture",))
    both = fuse(curve, [said_at(1, 2, 0.5), read_whole("一部悲伤的电影", "description")])
    assert both.read_from == ("picture", "subtitles (en)", "description (zh)")
    assert both.analyser == curve.analyser


def test_moods_follow_the_words() -> None:
    curve = curve_of(0.5, tension=0.15)
    sad = mood_names().index("sad")
    fused = fuse(curve, [said_at(20, 30, -0.95, confidence=0.75, arousal=-0.5)])
    assert fused.mood_probabilities[50, sad] > 2 * curve.mood_probabilities[50, sad]
    assert fused.tension[50] > curve.tension[50]
    np.testing.assert_allclose(fused.mood_probabilities.sum(axis=1), 1.0)


def test_what_the_picture_knew_of_moods_beyond_the_axes_stays() -> None:
    curve = curve_of()
    rows = curve.mood_probabilities.copy()
    mysterious = mood_names().index("mysterious")
    rows[:, mysterious] += 3.0
    curve = replace(curve, mood_probabilities=rows / rows.sum(axis=1, keepdims=True))
    fused = fuse(curve, [said_at(20, 30, 0.3, confidence=0.3)])
    assert fused.mood_probabilities[50].argmax() == mysterious


def test_a_text_without_times_moves_the_whole_curve_and_leaves_its_contrasts() -> None:
    curve = curve_of(np.linspace(-0.2, 0.2, 120))
    fused = fuse(curve, [read_whole("A sad, lonely film about grief and death.", "description")])
    np.testing.assert_allclose(np.diff(fused.valence), np.diff(curve.valence))
    assert fused.valence.mean() < curve.valence.mean() - 0.1


def test_a_transcript_moves_less_than_a_description_of_the_same_words() -> None:
    words = "What a wonderful, happy day!"
    transcript, description = (fuse(curve_of(), [read_whole(words, kind)]) for kind in ("transcript", "description"))
    assert 0 < transcript.valence[0] < description.valence[0]


@given(picture=unit, words=unit, sure=st.floats(0.05, 0.8), seen=st.floats(0, 1), arousal=unit, tension=st.floats(0, 1))
def test_what_comes_out_lies_between_picture_and_words(
    picture: float, words: float, sure: float, seen: float, arousal: float, tension: float
) -> None:
    curve = curve_of(picture, arousal=arousal, tension=tension, confidence=seen)
    fused = fuse(curve, [said_at(20, 24, words, confidence=sure)])
    low, high = min(picture, words) - 1e-9, max(picture, words) + 1e-9
    assert (low <= fused.valence).all()
    assert (fused.valence <= high).all()
    assert (np.abs(fused.arousal) <= 1).all()
    assert ((fused.tension >= 0) & (fused.tension <= 1)).all()
    assert ((fused.confidence >= curve.confidence) & (fused.confidence <= 1)).all()
    np.testing.assert_allclose(fused.mood_probabilities.sum(axis=1), 1.0)


@given(picture=unit, words=st.tuples(unit, unit), sure=st.floats(0.05, 0.8), seen=st.floats(0, 1))
def test_brighter_words_never_make_it_darker(
    picture: float, words: tuple[float, float], sure: float, seen: float
) -> None:
    curve = curve_of(picture, confidence=seen)
    low, high = (fuse(curve, [said_at(20, 24, value, confidence=sure)]) for value in sorted(words))
    assert (low.valence <= high.valence + 1e-9).all()


@given(sure=st.tuples(st.floats(0.05, 0.8), st.floats(0.05, 0.8)), seen=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_surer_words_move_it_further_and_a_surer_picture_less(
    sure: tuple[float, float], seen: tuple[float, float]
) -> None:
    unsure, surer = (fuse(curve_of(), [said_at(20, 24, 0.8, confidence=s)]).valence[44] for s in sorted(sure))
    assert unsure <= surer + 1e-12
    vague, clear = (fuse(curve_of(confidence=c), [said_at(20, 24, 0.8)]).valence[44] for c in sorted(seen))
    assert vague >= clear - 1e-12


def test_colours_give_way_to_words_more_than_a_good_look_does() -> None:
    line = [said_at(20, 24, 0.8)]
    colours, clip = (fuse(curve_of(confidence=c), line).valence[44] for c in (0.24, 0.65))
    assert colours == pytest.approx(0.8 * 0.9 / (0.9 + 0.24 / 0.76))
    assert clip == pytest.approx(0.8 * 0.9 / (0.9 + 0.65 / 0.35))


def test_many_lines_at_once_weigh_no_more_than_the_most_words_may() -> None:
    one = said_at(20, 24, 0.8)
    crowd = replace(one, lines=one.lines * 50)
    fused = fuse(curve_of(), [crowd])
    assert fused.confidence.max() < 0.75
    assert fused.valence.max() < 0.8


def test_lines_outside_the_curve_do_no_harm() -> None:
    curve = curve_of()
    fused = fuse(curve, [said_at(500, 510, 0.9)])
    np.testing.assert_array_equal(fused.valence, curve.valence)
