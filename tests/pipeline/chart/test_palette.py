"""Colours: of a feeling's direction, told apart by everybody, under words that can be read."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.chart.palette import Colour, feeling_colour, ink_on, mood_colour, rgb
from scoring.moods import mood_names

# Viénot, Brettel & Mollon (1999), as linear-light matrices for a missing long- or middle-wave cone.
PROTANOPIA = np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]])
DEUTERANOPIA = np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]])


def linear(colour: Colour) -> np.ndarray:
    values = np.asarray(colour)
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("seen", [np.eye(3), PROTANOPIA, DEUTERANOPIA], ids=["usual", "protanopia", "deuteranopia"])
def test_the_four_quarters_of_feeling_are_told_apart_in_every_colour_vision(seen: np.ndarray) -> None:
    quarters = [feeling_colour(v, a) for v in (-0.6, 0.6) for a in (-0.6, 0.6)]
    shown = [np.clip(seen @ linear(colour), 0.0, 1.0) ** (1 / 2.4) for colour in quarters]
    for one, other in combinations(shown, 2):
        assert np.linalg.norm(one - other) > 0.3


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_every_feeling_has_a_colour_and_it_changes_smoothly(valence: float, arousal: float) -> None:
    colour = feeling_colour(valence, arousal)
    assert all(0.0 <= part <= 1.0 for part in colour)
    near = feeling_colour(valence * 0.999, arousal * 0.999)
    assert max(abs(a - b) for a, b in zip(colour, near, strict=True)) < 0.02


def test_every_mood_has_a_colour_and_a_mood_nobody_knows_always_the_same() -> None:
    assert len({mood_colour(name) for name in mood_names()}) == len(mood_names())
    assert mood_colour("wistful") == mood_colour("wistful")
    assert mood_colour("wistful") != mood_colour("giddy")


@given(st.tuples(*[st.floats(0, 1)] * 3))
def test_words_stand_out_from_what_they_stand_on(colour: Colour) -> None:
    weights = np.array([0.2126, 0.7152, 0.0722])
    ground, ink = (float(weights @ linear(c)) for c in (colour, rgb(ink_on(colour))))
    low, high = sorted((ground, ink))
    assert (high + 0.05) / (low + 0.05) >= 4.0
