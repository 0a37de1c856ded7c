from __future__ import annotations

import string

import pytest
from lyric_vocabulary import special_tokens

from music_engine.ace_step.lyrics import tables
from music_engine.ace_step.lyrics.tables import chinese_rules, number_rules, vocabulary_facts, words_by_language
from scoring.errors import StyleError

LANGUAGES = {"ar", "cs", "de", "en", "es", "fr", "hi", "hu", "it", "ja", "ko", "nl", "pl", "pt", "ru", "tr", "zh"}


def test_there_are_seventeen_languages_and_twelve_structure_tags() -> None:
    facts = vocabulary_facts()
    assert set(facts.languages) == LANGUAGES
    assert len(facts.structure) == 12
    assert (facts.entries, facts.added, facts.size) == (6681, 33, 6693)


def test_every_special_token_has_an_id_of_its_own_and_those_outside_the_encoding_come_last() -> None:
    ids = list(special_tokens().values())
    assert len(ids) == len(set(ids)) == vocabulary_facts().added
    assert sorted(id_ for id_ in ids if id_ >= 6681) == list(range(6681, 6693))


def test_every_language_with_words_has_rules_for_digits() -> None:
    assert set(number_rules()) == LANGUAGES - {"zh", "ja", "hi"}


def test_symbols_have_words_in_every_language_that_reads_them() -> None:
    assert set(words_by_language("symbols")) == LANGUAGES - {"ja", "hi"}
    assert all(list(words) == list("&@%#$£°") for name, words in words_by_language("symbols").items() if name != "zh")


def test_no_chinese_punctuation_mark_is_listed_twice_or_is_a_word() -> None:
    marks = chinese_rules().punctuation
    assert len(set(marks)) == len(marks)
    assert not any(mark.isalnum() for mark in marks)
    assert set(marks) & set(string.punctuation) <= {"-"}


def test_the_address_of_the_vocabulary_is_not_claimed_to_be_verified() -> None:
    assert not vocabulary_facts().verified


def test_a_file_with_a_language_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_load", lambda name: {"xx": {"dr": "doctor"}})
    words_by_language.cache_clear()
    vocabulary_facts.cache_clear()
    monkeypatch.setattr(tables, "vocabulary_facts", lambda: _Facts)
    try:
        with pytest.raises(StyleError, match=r"abbreviations\.toml: xx"):
            words_by_language("abbreviations")
    finally:
        words_by_language.cache_clear()


class _Facts:
    languages = ("en",)
