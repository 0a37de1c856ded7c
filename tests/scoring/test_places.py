from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.analysis import Analysis, EmotionCurve
from scoring.moods import mood_names, mood_probabilities
from scoring.places import LEAST_SHARE, Place, leaning, mood_of, palette_of, place_of
from scoring.spotting import spot
from scoring.style import load_style, style_names
from scoring.timebase import FrameRate, TimeRange
from scoring.vocabulary import built_in_vocabulary
from scoring.wishes.vocabulary import instruments

VOCABULARY = built_in_vocabulary()
SETTINGS = VOCABULARY.setting_names
WHOLE = TimeRange(0.0, 40.0)


def curve(setting: str = "none", share: float = 0.9, *, mood: str = "", duration_s: float = 40.0) -> EmotionCurve:
    """A neutral film that plays at one place."""
    times_s = np.arange(0.0, duration_s, 0.5)
    flat = np.zeros(len(times_s))
    places = np.full((len(times_s), len(SETTINGS)), (1 - share) / (len(SETTINGS) - 1))
    places[:, SETTINGS.index(setting)] = share
    moods = mood_probabilities(flat, flat, flat + 0.3)
    if mood:
        moods = moods * 0.1
        moods[:, mood_names().index(mood)] += 0.9
    return EmotionCurve(
        times_s,
        flat,
        flat,
        flat + 0.3,
        flat + 0.4,
        mood_names(),
        moods,
        "clip test",
        SETTINGS,
        places,
        read_from=("x",),
    )


def test_a_place_that_leads_is_named_and_one_that_does_not_is_not() -> None:
    assert place_of(curve("sea", 0.8), WHOLE) == Place("sea", 0.8)
    assert place_of(curve("sea", LEAST_SHARE - 0.01), WHOLE) == Place()
    assert place_of(curve("none", 0.9), WHOLE) == Place()


def test_an_analyser_that_knows_no_places_names_none() -> None:
    blind = replace(curve("sea"), settings=(), setting_probabilities=np.zeros((0, 0)))
    assert place_of(blind, WHOLE) == Place()
    assert leaning(blind, VOCABULARY, style_names(), "cinematic") is None


@pytest.mark.parametrize(
    ("setting", "style"), [("sport", "upbeat"), ("kitchen", "upbeat"), ("sky", "ambient"), ("battle", "cinematic")]
)
def test_a_film_of_one_place_leans_to_that_place_s_style(setting: str, style: str) -> None:
    found = leaning(curve(setting), VOCABULARY, style_names(), "cinematic")
    assert found is not None
    assert found.style == style
    assert found.share >= found.usual_share


def test_a_film_of_nowhere_keeps_the_usual_style() -> None:
    found = leaning(curve("none", 0.95), VOCABULARY, style_names(), "cinematic")
    assert found is not None
    assert found.style == "cinematic"


def test_what_the_analyser_sees_counts_beside_the_place_on_the_axes() -> None:
    neutral = (0.0, 0.0, 0.3)
    assert mood_of(curve(), WHOLE, neutral) == "neutral"
    assert mood_of(curve(mood="mysterious"), WHOLE, neutral) == "mysterious"
    blind = replace(curve(mood="mysterious"), settings=())
    assert mood_of(blind, WHOLE, neutral) == "neutral"


def test_a_place_brings_one_instrument_there_is() -> None:
    assert palette_of(Place("sea", 0.8), VOCABULARY, tuple(instruments())) == ("harp",)
    assert palette_of(Place("sea", 0.8), VOCABULARY, ("piano",)) == ()
    assert palette_of(Place(), VOCABULARY, tuple(instruments())) == ()


def test_a_film_at_the_sea_has_it_in_setting_palette_and_prompt(three_parts: Analysis) -> None:
    film = replace(three_parts, curve=curve("sea"))
    sheet = spot(film, source="x", frame_rate=FrameRate(25, 1), style=load_style("ambient"), seed=3)
    for cue in sheet.cues:
        assert cue.setting == "sea"
        assert cue.palette == ("harp",)
        assert {"oceanic", "harp"} <= set(cue.prompt.split(", "))


@given(
    st.lists(st.floats(0, 1), min_size=len(SETTINGS), max_size=len(SETTINGS)).filter(lambda row: sum(row) > 0.01),
    st.floats(0, 39),
    st.floats(0.001, 40),
)
def test_any_probabilities_give_a_known_place_with_an_honest_share(
    row: list[float], in_s: float, length_s: float
) -> None:
    rows = np.tile(np.array(row) / sum(row), (80, 1))
    place = place_of(replace(curve(), setting_probabilities=rows), TimeRange(in_s, in_s + length_s))
    assert place.name in ("", *VOCABULARY.settings)
    assert (place.share >= LEAST_SHARE - 1e-4) if place.name else place.share == 0.0
    found = leaning(replace(curve(), setting_probabilities=rows), VOCABULARY, style_names(), "cinematic")
    assert found is not None
    assert found.style in style_names()
    assert 0 <= found.usual_share <= found.share <= 1
