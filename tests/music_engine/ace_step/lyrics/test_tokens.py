from __future__ import annotations

import pytest

from music_engine.ace_step.lyrics import (
    INSTRUMENTAL,
    LyricTokenizer,
    instrumental_tokens,
    no_lyric,
    structure_lyric,
    tokens_without_vocabulary,
)


def test_an_instrumental_needs_no_vocabulary() -> None:
    tokens = instrumental_tokens()
    assert tokens.ids == (261, 259, 6688, 2)
    assert tokens.mask == (1, 1, 1, 1)


def test_a_lyric_of_tags_needs_none_either_and_is_what_the_tokenizer_makes_of_it(tokenizer: LyricTokenizer) -> None:
    lyric = structure_lyric(["intro", "verse", "chorus", "break", "outro"]) + "\n\n[INST] "
    assert tokens_without_vocabulary(lyric) == tokenizer.encode(lyric)
    assert tokenizer.encode(INSTRUMENTAL) == instrumental_tokens()


@pytest.mark.parametrize("lyrics", ["la la", "[verse]\nla", "[verse 1]", "[instrumental]", "[zh]", "[verse] la"])
def test_words_need_it(lyrics: str) -> None:
    assert tokens_without_vocabulary(lyrics) is None


def test_no_lyric_is_one_token_that_is_masked_out() -> None:
    assert (no_lyric().ids, no_lyric().mask) == ((0,), (0,))
