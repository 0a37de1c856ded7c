from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.key import Key
from scoring.moods import MOODS
from scoring.wishes import vocabulary
from scoring.wishes.reading import Section, read_wishes


def test_the_sentence_of_the_issue_is_understood_and_its_rest_is_named() -> None:
    wishes = read_wishes("Lo-fi jazz，慢节奏，带雨声采样，适合深夜骑行画面")
    assert (wishes.genres, wishes.effects, wishes.band_bpm) == (("lo-fi", "jazz"), ("rain",), (56.0, 84.0))
    assert wishes.unused == ("深夜骑行",)


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("soft guitar", ("guitar",), ()),
        ("Pianos and upright-bass", ("piano", "upright bass"), ()),
        ("no drums", (), ("drums",)),
        ("without piano or strings, but a cello", ("cello",), ("piano", "strings")),
        ("drum-free, drumless", (), ("drums",)),
        ("piano, no piano", (), ("piano",)),
        ("不要鼓、钢琴，要吉他", ("guitar",), ("drums", "piano")),
        ("钢琴不要，吉他要", ("guitar",), ("piano",)),
        ("无人声的弦乐", ("strings",), ("vocals",)),
        ("大提琴和低音提琴", ("cello", "upright bass"), ()),
        ("鼓舞人心", (), ()),
        ("the pianola", (), ()),
        ("bass drum kit", ("bass", "drums"), ()),
        ("e-piano", ("electric piano",), ()),
    ],
)
def test_instruments_are_wanted_or_not(text: str, wanted: tuple[str, ...], unwanted: tuple[str, ...]) -> None:
    wishes = read_wishes(text)
    assert (wishes.instruments, wishes.avoid) == (wanted, unwanted)


@pytest.mark.parametrize(
    ("text", "bpm", "key", "mode"),
    [
        ("90 bpm", 90.0, None, None),
        ("每分钟90拍，D小调", 90.0, Key(2, "minor"), None),
        ("A minor at 72.5 BPM", 72.5, Key(9, "minor"), None),
        ("in a minor key", None, None, "minor"),
        ("gentle waltz in D minor key", None, Key(2, "minor"), None),
        ("the key of F# dorian", None, Key(6, "dorian"), None),
        ("key of Bb", None, Key(10, "major"), None),
        ("b flat major", None, Key(10, "major"), None),
        ("降E大调", None, Key(3, "major"), None),
        ("用小调", None, None, "minor"),
        ("9000 bpm", None, None, None),
    ],
)
def test_numbers_and_keys(text: str, bpm: float | None, key: Key | None, mode: str | None) -> None:
    wishes = read_wishes(text)
    assert (wishes.bpm, wishes.key, wishes.mode) == (bpm, key, mode)


@pytest.mark.parametrize(
    ("text", "unused"),
    [
        ("not sad", ("not sad",)),
        ("happy, then sad", ("sad",)),
        ("slow and fast", ("fast",)),
        ("thunder", ("thunder",)),
        ("a neon kazoo, please", ("neon", "kazoo")),
        ("9000 bpm", ("9000 bpm",)),
        ("不太快", ("不太 快",)),
    ],
)
def test_what_cannot_be_used_is_named(text: str, unused: tuple[str, ...]) -> None:
    assert read_wishes(text).unused == unused


def test_sections_bring_what_stands_after_them() -> None:
    wishes = read_wishes("calm [intro] soft piano [Verse 2] add upright bass [chorus] bring in saxophone, no piano")
    assert [(s.name, s.instruments, s.avoid) for s in wishes.sections] == [
        ("intro", ("piano",), ()),
        ("verse", ("upright bass",), ()),
        ("chorus", ("saxophone",), ("piano",)),
    ]
    assert wishes.mood == "calm"
    assert wishes.instruments == ("piano", "upright bass", "saxophone")
    assert wishes.avoid == ()


def test_sections_are_read_in_chinese_brackets_and_other_brackets_are_text() -> None:
    assert [s.name for s in read_wishes("【前奏】钢琴【副歌】鼓进入").sections] == ["intro", "chorus"]
    assert read_wishes("[0:15] guitar [loud]").sections == ()
    assert isinstance(read_wishes("[hook]").sections[0], Section)


@pytest.mark.parametrize("text", ["only piano", "solo piano", "只用钢琴", "piano solo"])
def test_alone_means_nothing_else(text: str) -> None:
    assert read_wishes(text).is_alone


def test_a_solo_among_others_is_no_solitude() -> None:
    assert not read_wishes("saxophone solo over piano and bass").is_alone


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    wishes = read_wishes(text)
    assert not set(wishes.instruments) & set(wishes.avoid)


PIECES = st.sampled_from(
    [
        "slow",
        "钢琴",
        "no drums",
        "吉他",
        "neon",
        "，",
        "雨声",
        "happy",
        "深夜",
        "[chorus]",
        "90 bpm",
        "A minor",
        "and",
        "的",
        "不要",
        "!",
    ]
)


@given(st.lists(PIECES, max_size=10).map(" ".join))
def test_every_word_with_content_is_used_or_named_as_unused(text: str) -> None:
    wishes = read_wishes(text)
    grammar = vocabulary.grammar()
    said = " ".join((*wishes.used, *wishes.unused, *grammar.stops, *grammar.denials))
    for word in re.findall(r"\w+", unicodedata.normalize("NFKC", text).lower()):
        assert word in said, (word, wishes)


def test_the_vocabulary_is_sound() -> None:
    seen: dict[str, str] = {}
    for instrument in vocabulary.instruments().values():
        assert instrument.programs or instrument.role == "drums"
        assert all(0 <= program < 128 for program in instrument.programs)
        assert instrument.role == "drums" or instrument.high - instrument.low >= 12
        for word in (vocabulary.folded(w) for w in instrument.words):
            assert seen.setdefault(word, instrument.name) == instrument.name, word
        assert vocabulary.find_instrument(instrument.name.upper()) == instrument
    words = vocabulary.words()
    assert set(vocabulary.mood_words()) == set(MOODS)
    assert all(low < high for low, high in (tempo.band_bpm for tempo in words.tempos))
    for role in ("lead", "counter", "figure", "pad", "bass", "drums"):
        assert vocabulary.role_layer(role, "x", vocabulary.find_instrument("piano")).threshold == 0.0
    assert all(set(line.steps) <= set("Xxo.") for groove in vocabulary.plain_grooves() for line in groove.lines)


@pytest.mark.parametrize("mood", list(MOODS))
def test_every_mood_is_found_by_its_own_name(mood: str) -> None:
    assert vocabulary.find_mood(mood) == mood
