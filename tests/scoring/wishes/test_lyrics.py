"""Lyrics as read: sections, lines, and the instruments that tags and words name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.wishes.lyrics import merged, read_lyrics
from scoring.wishes.reading import read_wishes

SONG = "[intro - piano]\n\n[Verse 1]\nWalking down the street\nwith my old guitar\n[副歌：小提琴]\n我爱你\n[outro]"


def test_tags_part_the_lines_and_say_what_plays() -> None:
    read = read_lyrics(SONG)
    assert [section.name for section in read.sections] == ["intro", "verse", "chorus", "outro"]
    assert [stanza.lines for stanza in read.stanzas] == [
        (),
        ("Walking down the street", "with my old guitar"),
        ("我爱你",),
        (),
    ]
    assert [section.instruments for section in read.sections] == [("piano",), ("guitar",), ("violin",), ()]
    assert read.has_words


@pytest.mark.parametrize("text", [None, "", " \n\n", "[verse]\n[chorus]", "[inst]", "[instrumental]", "!!!\n—", "[zh]"])
def test_where_nothing_is_to_be_sung_there_are_no_words(text: str | None) -> None:
    assert not read_lyrics(text).has_words


def test_tags_that_name_no_section_say_what_plays_from_there() -> None:
    read = read_lyrics("[no drums]\n[soft cello]\nla la\n[verse]\n[with flute]\nla la")
    assert (read.instruments, read.avoid) == (("cello",), ("drums",))
    assert read.sections[0].instruments == ("flute",)


def test_untagged_paragraphs_are_stanzas() -> None:
    assert [stanza.lines for stanza in read_lyrics("one\ntwo\n\n\nthree").stanzas] == [("one", "two"), ("three",)]


def test_a_section_weighs_as_much_as_it_has_lines() -> None:
    short, long = read_lyrics("[verse]\na\nb\nc\nd\n[chorus]\n" + "a\n" * 8).sections
    assert (short.weight, long.weight) == (1.0, 2.0)


@pytest.mark.parametrize(
    ("prompt", "lyrics", "names"),
    [
        ("", "[verse]\n[chorus]", ["verse", "chorus"]),
        ("[intro] [verse] [chorus] [outro]", "[verse]\na\n[chorus]\nb", ["intro", "verse", "chorus", "outro"]),
        (
            "[intro] [verse] [chorus] [outro]",
            "[verse]\na\n[chorus]\nb\n[verse]\nc\n[chorus]",
            ["intro", "verse", "chorus", "verse", "chorus", "outro"],
        ),
        ("[verse] [chorus]", "", ["verse", "chorus"]),
    ],
)
def test_sections_of_prompt_and_lyrics_are_one_row(prompt: str, lyrics: str, names: list[str]) -> None:
    row = merged(read_wishes(prompt).sections, read_lyrics(lyrics).sections)
    assert [section.name for section in row] == names
    assert merged(row, read_lyrics(lyrics).sections) == row, "merging again changes nothing"


def test_what_prompt_and_lyrics_say_of_the_same_section_counts_both() -> None:
    (verse,) = merged(read_wishes("[verse] cello").sections, read_lyrics("[verse - harp]\nla").sections)
    assert verse.instruments == ("cello", "harp")


@pytest.mark.parametrize(
    ("head", "name", "instruments"),
    [
        ("[intro - piano]", "intro", ("piano",)),
        ("[Intro: soft piano and strings]", "intro", ("piano", "strings")),
        ("[pre-chorus - drums]", "pre-chorus", ("drums",)),
        ("[final chorus]", "chorus", ()),
        ("[guitar solo]", "solo", ("guitar",)),
        ("[Chorus x2]", "chorus", ()),
        ("【前奏：钢琴】", "intro", ("piano",)),
        ("［副歌 2］", "chorus", ()),
    ],
)
def test_a_head_may_say_more_than_its_name(head: str, name: str, instruments: tuple[str, ...]) -> None:
    (section,) = read_wishes(f"{head} something").sections
    assert (section.name, section.instruments) == (name, instruments)


@given(st.text(alphabet=st.one_of(st.sampled_from("[]【】\n -：verschouint钢琴副歌"), st.characters()), max_size=200))
def test_any_text_at_all_is_read(text: str) -> None:
    read = read_lyrics(text)
    assert all(stanza.section is not None or stanza.lines for stanza in read.stanzas)
    assert all(line.strip() == line and line for stanza in read.stanzas for line in stanza.lines)
