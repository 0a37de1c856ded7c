from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.key import MODES
from scoring.key_plan import TURN, KeyWish, choose_mode, plan_keys, tonic_of
from scoring.moods import MOODS, mood_names

wishes = st.lists(st.builds(KeyWish, st.sampled_from(mood_names()), st.floats(-1, 1)), min_size=1, max_size=12)
modes = st.lists(st.sampled_from(list(MODES)), min_size=1, unique=True)


@given(wishes, modes, st.integers(0, 2**32))
def test_neighbours_are_a_step_apart_unless_the_story_turns(cues: list[KeyWish], some: list[str], seed: int) -> None:
    keys = plan_keys(cues, some, seed)
    assert len(keys) == len(cues)
    assert keys[0].tonic == tonic_of(seed)
    for (a, b), (key, after) in zip(pairwise(cues), pairwise(keys), strict=True):
        assert after.mode in some
        if abs(a.valence - b.valence) < TURN:
            assert key.fifths_to(after) <= 1
        else:
            assert after.tonic == key.tonic or (after.tonic - key.tonic) % 12 in (4, 8)


@pytest.mark.parametrize(
    ("mood", "valence", "mode"),
    [
        ("happy", 0.75, "lydian"),
        ("happy", 0.4, "major"),
        ("sad", -0.6, "minor"),
        ("fearful", -0.8, "phrygian"),
    ],
)
def test_the_mode_follows_valence_within_the_mood(mood: str, valence: float, mode: str) -> None:
    assert choose_mode(mood, valence, list(MODES)) == mode


def test_a_style_without_a_fitting_mode_gives_its_nearest() -> None:
    assert not set(MOODS["fearful"].modes) & {"lydian", "dorian"}
    assert choose_mode("fearful", -0.8, ["lydian", "dorian"]) == "dorian"


def test_the_tonic_comes_from_the_seed_and_all_twelve_come_up() -> None:
    assert {tonic_of(seed) for seed in range(200)} == set(range(12))
