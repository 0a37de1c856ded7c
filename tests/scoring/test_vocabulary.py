from __future__ import annotations

import re
import tomllib
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.errors import VocabularyError
from scoring.style import style_names
from scoring.vocabulary import (
    AXES,
    LEAST_POLE_WORDS,
    LEAST_TEMPLATES,
    NOWHERE,
    Entry,
    built_in_vocabulary,
    parse_vocabulary,
)
from scoring.wishes.vocabulary import find_mood, folded, instruments

TEXT = (resources.files("scoring") / "data" / "vocabulary.toml").read_text(encoding="utf-8")
VOCABULARY = built_in_vocabulary()
ENTRIES = {**VOCABULARY.moods, **VOCABULARY.settings}


def test_a_reading_rests_on_enough_words() -> None:
    assert len(VOCABULARY.templates) >= 8
    assert set(VOCABULARY.poles) == set(AXES)
    for pole in VOCABULARY.poles.values():
        assert min(len(pole.plus), len(pole.minus)) >= 6
        assert not set(pole.plus) & set(pole.minus)
    assert len(VOCABULARY.moods) >= 12
    assert len(VOCABULARY.settings) >= 20
    assert {"sea", "city at night", "forest", "sport", "kitchen", "wedding", "battle", "office"} <= set(
        VOCABULARY.settings
    )


def test_every_word_is_said_in_english_and_in_chinese() -> None:
    for name, entry in ENTRIES.items():
        assert any(word.isascii() for word in entry.words), name
        assert any(not word.isascii() for word in entry.words), name
        assert any(not tag.isascii() for tag in entry.tags["chinese"]), name


@pytest.mark.parametrize(("word", "mood"), [("欢快", "happy"), ("悲伤", "sad"), ("紧张", "tense"), ("upbeat", "happy")])
def test_a_coarse_word_finds_its_mood(word: str, mood: str) -> None:
    assert find_mood(word) == mood
    assert VOCABULARY.moods[mood].tags["ace-step"]


def test_no_word_calls_two_moods() -> None:
    seen: dict[str, str] = {}
    for name, entry in VOCABULARY.moods.items():
        for word in entry.words:
            assert seen.setdefault(folded(word), name) == name, word


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=list(ENTRIES))
def test_styles_and_instruments_are_ones_there_are(entry: Entry) -> None:
    assert entry.styles
    assert set(entry.styles) <= set(style_names())
    assert set(entry.instruments) <= set(instruments())


def test_the_places_end_with_nowhere() -> None:
    assert VOCABULARY.setting_names[-1] == NOWHERE
    assert VOCABULARY.setting_names[:-1] == tuple(VOCABULARY.settings)


def test_the_same_text_has_the_same_hash_and_another_text_another() -> None:
    assert parse_vocabulary(TEXT, "a").sha256 == VOCABULARY.sha256
    assert parse_vocabulary(TEXT + "\n", "a").sha256 != VOCABULARY.sha256


FAULTS = {
    "no TOML": ("schema = ", "no TOML"),
    "another schema": (TEXT.replace("vocabulary/1", "vocabulary/9"), "vocabulary/9"),
    "an unknown field": (TEXT.replace("[poles.valence]", "colour = 1\n[poles.valence]", 1), "colour"),
    "a template without a place": (TEXT.replace('"a {} scene"', '"a scene"'), "templates"),
    "no tension": (re.sub(r"\[poles\.tension\]\n.*\n.*\n", "", TEXT), "poles"),
    "too few words": (re.sub(r"(?m)^plus = .*$", 'plus = ["good"]', TEXT, count=1), "poles.valence"),
    "a mood there is not": (TEXT.replace("[moods.calm", "[moods.cool"), "moods"),
    "a place called none": (TEXT.replace("[settings.sea", "[settings.none"), "settings"),
    "a family without tags": (TEXT.replace('sentence = ["flowing like water"]\n', ""), "settings.sea.tags"),
    "tags that are no list": (TEXT.replace('["flowing like water"]', '"flowing"'), "settings.sea"),
    "a hash of its own": ('sha256 = "00"\n' + TEXT, "sha256"),
    "a number for a word": (TEXT.replace('"海洋感"', "7"), "chinese"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_vocabulary_that_makes_no_sense_is_refused_by_the_name_of_the_field(fault: str) -> None:
    text, named = FAULTS[fault]
    assert text != TEXT
    with pytest.raises(VocabularyError, match=re.escape(named)) as caught:
        parse_vocabulary(text, "mine.toml")
    assert caught.value.advice


@given(st.sampled_from(sorted(tomllib.loads(TEXT))))
def test_a_vocabulary_that_lacks_a_part_is_refused_unless_it_is_the_translations(part: str) -> None:
    lines = TEXT.splitlines()
    starts = [n for n, line in enumerate(lines) if re.match(rf"{part} = |\[{part}[.\]]", line)]
    kept: list[str] = []
    skipping = False
    for number, line in enumerate(lines):
        if number in starts:
            skipping = True
        elif re.match(r"\w+ = |\[\w+", line) and not (skipping and re.match(r"[\w-]+ = ", line) and part in LEVELLED):
            skipping = False
        if not skipping:
            kept.append(line)
    text = "\n".join(kept)
    if part == "translations":
        assert parse_vocabulary(text, "mine.toml").translated("slow", "chinese") == "slow"
    else:
        with pytest.raises(VocabularyError):
            parse_vocabulary(text, "mine.toml")


LEVELLED = ("poles", "families", "moods", "settings", "translations")


def test_a_tag_that_nobody_translated_stays_as_it_is() -> None:
    assert VOCABULARY.translated("slow", "chinese") == "慢速"
    assert VOCABULARY.translated("slow", "ace-step") == "slow"
    assert VOCABULARY.translated("zydeco", "chinese") == "zydeco"


def test_the_least_that_is_asked_for_is_what_the_design_asks() -> None:
    assert (LEAST_TEMPLATES, LEAST_POLE_WORDS) == (8, 6)
