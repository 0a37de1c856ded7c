from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.key import MODES, Key

keys = st.builds(Key, st.integers(0, 11), st.sampled_from(list(MODES)))


@given(keys)
def test_keys_survive_the_way_through_text(key: Key) -> None:
    assert Key.parse(str(key)) == key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("D minor", Key(2, "minor")),
        ("f# Lydian", Key(6, "lydian")),
        ("Bb", Key(10, "major")),
        ("b♭ aeolian", Key(10, "minor")),
        ("C♯ min", Key(1, "minor")),
    ],
)
def test_keys_are_read_as_musicians_write_them(text: str, key: Key) -> None:
    assert Key.parse(text) == key


@pytest.mark.parametrize("text", ["", "H minor", "C locrian", "minor", "12"])
def test_what_is_no_key_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match="'D minor'"):
        Key.parse(text)


@pytest.mark.parametrize(
    ("text", "fifths"),
    [("C major", 0), ("A minor", 0), ("D dorian", 0), ("G major", 1), ("F major", -1), ("E minor", 1)],
)
def test_signatures_stand_on_the_circle_of_fifths(text: str, fifths: int) -> None:
    assert Key.parse(text).signature_fifths == fifths


@given(keys)
def test_a_key_has_seven_pitches_and_as_many_accidentals_as_its_signature(key: Key) -> None:
    assert len(set(key.scale)) == 7
    white = {0, 2, 4, 5, 7, 9, 11}
    fifths = abs(key.signature_fifths)
    assert len(set(key.scale) - white) == (fifths if fifths < 6 else 5)  # F# major: E# is a white key


@given(keys, keys)
def test_distance_is_the_same_both_ways_and_counts_pitches_that_differ(a: Key, b: Key) -> None:
    assert a.fifths_to(b) == b.fifths_to(a)
    differing = len(set(a.scale) - set(b.scale))
    assert differing == min(a.fifths_to(b), 5)


@pytest.mark.parametrize(("tonic", "mode"), [(12, "major"), (-1, "major"), (0, "blues")])
def test_a_key_that_does_not_exist_cannot_be_made(tonic: int, mode: str) -> None:
    with pytest.raises(ValueError, match="no such key"):
        Key(tonic, mode)
