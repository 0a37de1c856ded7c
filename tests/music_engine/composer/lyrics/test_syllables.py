"""Syllables in many scripts, against what a singer would count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music_engine.composer.lyrics.syllables import is_english, syllable_count, syllables_of

# Counted by hand.
ENGLISH = {
    1: "home loved times strength through love's cried world fire played league clothes don't yeah walk",
    2: "lonely careful nothing going playing quiet create rhythm table wanted roses couldn't people tonight heartbeat",
    3: "remember melody beautiful radio element forever another wonderful family piano imagine",
    4: "everybody appreciate january television american",
    5: "imagination opportunity university",
}


@pytest.mark.parametrize(("count", "word"), [(count, word) for count, row in ENGLISH.items() for word in row.split()])
def test_english_words_have_the_syllables_that_are_sung(count: int, word: str) -> None:
    assert syllable_count(word) == count
    assert syllable_count(word.upper().replace("'", "’")) == count


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("我爱你在每个夜里", 8),
        ("さくら　さくら", 6),
        ("きょうと", 3),
        ("サッカー", 4),
        ("東京タワー", 5),
        ("사랑해요 그대", 6),
        ("Ночь, улица, фонарь", 6),
        ("καλημέρα", 4),
        ("नमस्ते", 3),
        ("Bésame mucho", 5),
        ("corazón", 3),
        ("la la la 99", 5),
        ("我 love 你", 3),
        ("מחר", 2),
    ],
)
def test_other_scripts_are_counted_their_own_way(line: str, count: int) -> None:
    assert len(syllables_of(line, is_english=is_english(line))) == count


def test_a_silent_e_is_silent_in_english_only() -> None:
    assert (syllable_count("amore"), syllable_count("amore", is_english=False)) == (2, 3)
    assert is_english("Fire in the sky, naive and free")
    assert not is_english("la notte e il mio cuore")
    assert not is_english("größer als alles")


def test_small_words_are_unstressed_and_every_line_leans_somewhere() -> None:
    stressed = [(s.text, s.is_stressed) for s in syllables_of("the rain is falling")]
    assert stressed == [("the", False), ("rain", True), ("is", False), ("falling", True), ("falling", False)]
    assert [s.is_stressed for s in syllables_of("into the")] == [False, False, True]
    assert [s.is_stressed for s in syllables_of("tonight")] == [False, True]


@pytest.mark.parametrize("line", ["", "  ", "!!! — …", "[]"])
def test_where_there_is_no_letter_there_is_no_syllable(line: str) -> None:
    assert syllables_of(line) == ()


@given(st.text(max_size=120), st.booleans())
def test_any_text_has_syllables_for_its_words_and_a_stress(line: str, english: bool) -> None:
    found = syllables_of(line, is_english=english)
    assert bool(found) >= any(character.isalpha() for character in line)
    assert not found or any(syllable.is_stressed for syllable in found)
    assert len(found) <= 12 * len(line)
