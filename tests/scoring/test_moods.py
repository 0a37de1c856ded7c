from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.key import MODES
from scoring.moods import MOODS, Mood, mood_names, mood_probabilities, nearest_mood

unit = st.floats(-1, 1)


def test_the_vocabulary_holds_the_moods_people_ask_for() -> None:
    assert set(mood_names()) >= {
        "calm", "tender", "happy", "playful", "hopeful", "triumphant", "energetic", "tense", "dark", "fearful", "sad",
        "melancholic", "nostalgic", "mysterious", "neutral",
    }  # fmt: skip


@pytest.mark.parametrize("mood", MOODS.values(), ids=mood_names())
def test_every_mood_has_a_place_and_modes(mood: Mood) -> None:
    assert -1 <= mood.valence <= 1
    assert -1 <= mood.arousal <= 1
    assert 0 <= mood.tension <= 1
    assert mood.modes
    assert set(mood.modes) <= set(MODES)


@pytest.mark.parametrize("mood", MOODS.values(), ids=mood_names())
def test_at_its_own_place_a_mood_is_the_nearest_and_the_likeliest(mood: Mood) -> None:
    place = mood.valence, mood.arousal, mood.tension
    assert nearest_mood(*place) is mood
    row = mood_probabilities(*([value] for value in place))[0]
    assert mood_names()[row.argmax()] == mood.name
    assert 0.4 < row.max() < 0.95


@given(st.lists(st.tuples(unit, unit, st.floats(0, 1)), max_size=5))
def test_probabilities_are_probabilities(feelings: list[tuple[float, float, float]]) -> None:
    columns = np.array(feelings).reshape(-1, 3).T
    rows = mood_probabilities(*columns)
    assert rows.shape == (len(feelings), len(MOODS))
    assert (rows >= 0).all()
    np.testing.assert_allclose(rows.sum(axis=1), 1.0)


@given(unit, unit, st.floats(0, 1))
def test_the_nearest_mood_is_the_likeliest(valence: float, arousal: float, tension: float) -> None:
    row = mood_probabilities([valence], [arousal], [tension])[0]
    assert row[mood_names().index(nearest_mood(valence, arousal, tension).name)] == pytest.approx(row.max())
