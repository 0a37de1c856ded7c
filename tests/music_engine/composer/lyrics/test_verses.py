"""Verses: lines laid over the bars of real forms."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from music_engine.composer.form import plan_form
from music_engine.composer.lyrics.verses import lay_verses
from music_engine.sdk.piece import Piece, request_for_piece

VERSE = "[verse]\nWalking down the empty street\nThe rain is falling on my face\n"
CHORUS = "[chorus]\nOh carry me home\nAcross the river\n"


def _laid(lyrics: str, duration_s: float = 60.0, prompt: str = "", bpm: float = 100.0):  # type: ignore[no-untyped-def]
    request = request_for_piece(Piece(prompt, duration_s, lyrics=lyrics, bpm=bpm))
    form = plan_form(request)
    return form, lay_verses(form, request.lyrics)


def test_each_line_lies_in_its_own_section_in_order() -> None:
    form, verses = _laid(VERSE + CHORUS + VERSE + CHORUS)
    assert [span.section.name for span in form.sections] == ["verse", "chorus", "verse", "chorus"]
    for span in form.sections:
        start, end = form.bars[span.first].beat, form.bars[span.stop - 1].beat + form.bars[span.stop - 1].beats
        own = [line for line in verses.lines if start <= line.beat < end]
        assert {line.tune for line in own} == {span.section.name}
        assert {line.number for line in own} == {0, 1}
    assert verses.left_out == 0


def test_a_section_that_returns_is_as_long_as_it_was() -> None:
    for duration_s in (30.0, 45.0, 60.0, 100.0):
        form, _ = _laid("[intro]\n" + VERSE + CHORUS + VERSE + CHORUS + "[outro]", duration_s)
        for name in ("verse", "chorus"):
            first, second = (span.stop - span.first for span in form.sections if span.section.name == name)
            assert first == second


def test_a_chorus_that_is_only_named_has_the_words_of_the_one_before() -> None:
    form, verses = _laid(VERSE + CHORUS + VERSE + "[chorus]")
    last = [line.text for line in verses.lines if line.beat >= form.bars[form.sections[3].first].beat]
    assert last[:2] == ["Oh carry me home", "Across the river"]


def test_words_without_tags_go_to_the_sections_of_the_prompt() -> None:
    form, verses = _laid("one two three\n\nfour five six", prompt="[intro] [verse] [chorus] [outro]")
    first, second = (form.bar_at(line.beat) for line in (verses.lines[0], verses.lines[-1]))
    assert [form.sections[i].first <= bar.index < form.sections[i].stop for i, bar in ((1, first), (2, second))] == [
        True,
        True,
    ]


def test_where_there_is_much_room_the_lines_come_again() -> None:
    _, verses = _laid("la la la\nhello my old friend", 40.0)
    assert len(verses.lines) > 2
    assert len({(line.text, line.number) for line in verses.lines}) == 2


def test_lines_that_find_no_room_are_counted() -> None:
    _, verses = _laid("hello there\n" * 60, 10.0)
    assert verses.left_out > 0
    assert len(verses.lines) + verses.left_out == 60


@settings(max_examples=60, deadline=None)
@given(
    st.text(alphabet=st.one_of(st.sampled_from("abcde \n[]爱"), st.characters()), max_size=300),
    st.sampled_from([10.0, 31.7, 240.0]),
    st.sampled_from([40.0, 97.0, 220.0]),
    st.sampled_from(["", "[verse] piano [chorus]", "[intro]"]),
)
def test_any_lyrics_lie_within_the_bars_and_never_overlap(
    text: str, duration_s: float, bpm: float, prompt: str
) -> None:
    form, verses = _laid(text, duration_s, prompt, bpm)
    for line in verses.lines:
        assert line.syllables
        assert line.beats >= 2.0 - 1e-6
        assert form.bars[0].beat <= line.beat
        assert line.end <= form.last_beat + 1e-6
    for before, after in pairwise(verses.lines):
        assert before.end <= after.beat + 1e-6


@pytest.mark.parametrize("text", ["", "[verse]\n[chorus]", "…"])
def test_without_words_there_are_no_lines(text: str) -> None:
    form, _ = _laid("la")
    assert lay_verses(form, text).lines == ()
