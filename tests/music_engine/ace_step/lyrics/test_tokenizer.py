from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lyric_vocabulary import special_tokens

from music_engine.ace_step.lyrics import LyricTokenizer
from music_engine.ace_step.lyrics import tokenizer as tokenizer_module
from music_engine.ace_step.lyrics.cleaning import CleanedLine
from music_engine.ace_step.lyrics.tables import vocabulary_facts
from music_engine.ace_step.lyrics.tokenizer import LONGEST_LYRIC_CHARACTERS
from scoring.errors import EngineUnavailable, InputError, UnknownChoice

IDS = special_tokens()
TEXTS = st.text(max_size=40) | st.text("[]verszhainto123 我のは너я\"'$£.%\n⑥", max_size=40)


def test_a_lyric_starts_with_its_token_and_every_line_ends_with_the_separator(tokenizer: LyricTokenizer) -> None:
    tokens = tokenizer.encode("[verse]\n\nabc")
    first, second, third = tokens.lines
    assert tokens.ids == (IDS["[START]"], *first.ids, *second.ids, *third.ids)
    assert first.ids == (IDS["[en]"], IDS["[verse]"], IDS["[SPACE]"])
    assert second.ids == (IDS["[SPACE]"],)
    assert third.ids[-1] == IDS["[SPACE]"]
    assert tokens.mask == (1,) * len(tokens.ids)


def test_an_empty_text_is_one_empty_line(tokenizer: LyricTokenizer) -> None:
    assert tokenizer.encode("").ids == tokenizer.encode("   ").ids == (261, 2)


def test_case_and_blanks_around_a_line_do_not_matter(tokenizer: LyricTokenizer) -> None:
    assert tokenizer.encode("  [Verse]  ").ids == tokenizer.encode("[verse]").ids
    assert tokenizer.encode("ABC def", language="en").ids == tokenizer.encode(" abc  def ", language="en").ids


def test_blanks_become_the_token_that_separates(tokenizer: LyricTokenizer) -> None:
    line = tokenizer.encode_line("ab cd", language="en")
    assert line.ids.count(IDS["[SPACE]"]) == 2


def test_a_tag_the_vocabulary_lacks_is_spelled_out(tokenizer: LyricTokenizer) -> None:
    line = tokenizer.encode_line("[Verse 1]")
    assert line.is_structure
    assert line.normalised == "[verse one]"
    assert IDS["[verse]"] not in line.ids


@pytest.mark.parametrize("language", sorted(vocabulary_facts().languages))
def test_a_language_can_be_given_for_a_whole_lyric_but_not_for_structure(
    tokenizer: LyricTokenizer, language: str
) -> None:
    verse, line = tokenizer.encode("[verse]\nla la", language=language).lines
    assert (verse.language, line.language) == ("en", language)
    assert line.ids[0] == vocabulary_facts().languages[language]


def test_a_language_tag_holds_for_its_line(tokenizer: LyricTokenizer) -> None:
    first, second = tokenizer.encode("[ko] la la\nthe hills and far away").lines
    assert (first.language, first.text, second.language) == ("ko", "la la", "en")


def test_a_language_tag_alone_holds_for_the_lines_after_it(tokenizer: LyricTokenizer) -> None:
    lines = tokenizer.encode("[fr]\nla la\n[verse]\n[de]la\nla\n[it]\nla").lines
    assert [line.language for line in lines] == ["fr", "en", "de", "fr", "it"]


def test_pinyin_with_a_tag_without_one_and_characters_are_the_same(tokenizer: LyricTokenizer) -> None:
    characters = tokenizer.encode("我爱你").ids
    assert tokenizer.encode("[zh]wo3 ai4 ni3").ids == characters
    assert tokenizer.encode("wo3ai4ni3").ids == characters
    assert tokenizer.encode("[zh-cn] 我爱你").ids == characters


def test_the_reference_knows_no_language_tags(reference: LyricTokenizer) -> None:
    (line,) = reference.encode("[zh]la").lines
    assert (line.language, line.is_structure, line.normalised) == ("en", True, "[zh]la")


def test_a_line_that_cannot_be_romanised_is_dropped_by_the_reference_only(
    tokenizer: LyricTokenizer, reference: LyricTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(text: str, language: str, compat: str) -> CleanedLine:
        raise IndexError("no syllable")

    monkeypatch.setattr(tokenizer_module, "clean", broken)
    assert reference.encode("さくら", language="ja").ids == (261,)
    assert reference.encode("さくら", language="ja").lines[0].skipped == ("line",)
    (line,) = tokenizer.encode("Ab", language="ja").lines
    assert (line.normalised, line.skipped, line.ids[-1]) == ("ab", ("romanisation",), 2)


def test_a_missing_library_is_never_taken_for_a_bad_line(
    reference: LyricTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(text: str, language: str, compat: str) -> CleanedLine:
        raise EngineUnavailable("Japanese lyrics cannot be read")

    monkeypatch.setattr(tokenizer_module, "clean", missing)
    with pytest.raises(EngineUnavailable, match="Japanese"):
        reference.encode("さくら", language="ja")


def test_an_unknown_language_is_refused_with_those_there_are(tokenizer: LyricTokenizer) -> None:
    with pytest.raises(UnknownChoice, match=r"'sv'.*tr"):
        tokenizer.encode("hej", language="sv")


def test_a_book_is_refused(tokenizer: LyricTokenizer) -> None:
    with pytest.raises(InputError, match=f"{LONGEST_LYRIC_CHARACTERS + 1} characters"):
        tokenizer.encode("x" * (LONGEST_LYRIC_CHARACTERS + 1))


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.none() | st.sampled_from(sorted(vocabulary_facts().languages)), st.booleans())
def test_any_text_has_ids_of_the_vocabulary_and_lines_that_end(
    tokenizer: LyricTokenizer, reference: LyricTokenizer, text: str, language: str | None, is_reference: bool
) -> None:
    tokens = (reference if is_reference else tokenizer).encode(text, language=language)
    assert tokens.ids[0] == 261
    assert all(0 <= id_ <= 6692 for id_ in tokens.ids)
    assert len(tokens.mask) == len(tokens.ids)
    assert all(line.ids[-1] == 2 for line in tokens.lines if line.skipped != ("line",))
    assert is_reference or all(line.ids for line in tokens.lines)


def test_half_a_character_is_an_unknown_one(tokenizer: LyricTokenizer) -> None:
    assert tokenizer.encode("a\ud800b", language="en").ids == tokenizer.encode("a\ufffdb", language="en").ids


def test_a_long_line_of_one_kind_takes_no_longer_than_a_second(tokenizer: LyricTokenizer) -> None:
    for text in ("!" * 5000, "1" * 5000, "1,2." * 1000, "'\"" * 2000, "我" * 3000, "£" * 5000, "a1" * 2000):
        assert tokenizer.encode(text).ids[-1] == 2
