from __future__ import annotations

from collections.abc import Callable

import pytest

from music_engine.ace_step.cues.telling import lyrics_of
from music_engine.ace_step.lyrics import tokens_without_vocabulary
from scoring.request import CueRequest
from scoring.wishes.vocabulary import words


@pytest.mark.parametrize("lyrics", [None, "", "  \n "])
def test_without_words_the_model_is_told_to_play_for_an_empty_lyric_makes_it_sing(
    ask: Callable[..., CueRequest], lyrics: str | None
) -> None:
    assert lyrics_of(ask(lyrics=lyrics)) == "[inst]"


def test_every_section_has_a_tag_that_needs_no_vocabulary(ask: Callable[..., CueRequest]) -> None:
    names = tuple(section.name for section in words().sections)
    told = lyrics_of(ask(structure=names))
    assert told.count("[inst]") == len(names)
    assert tokens_without_vocabulary(told) is not None


def test_words_are_sung_as_they_stand(ask: Callable[..., CueRequest]) -> None:
    assert lyrics_of(ask(lyrics="[verse]\nla la", structure=("chorus",))) == "[verse]\nla la"


@pytest.mark.parametrize(
    ("lyrics", "told"),
    [
        ("[verse]\nhello there", "[verse]\nhello there"),
        ("[Verse]\nhello", "[Verse]\nhello"),
        ("[主歌]\n你好\n【副歌：小提琴】\n你好", "[verse]\n你好\n[chorus]\n你好"),
        ("[intro - piano]\n[Verse 2]\nhello [drop]", "[intro]\n[verse]\nhello [chorus]"),
        ("[zh]你好\n[soft piano]\nhello", "[zh]你好\n[soft piano]\nhello"),
    ],
)
def test_tags_that_only_cuesmith_knows_become_the_models_own(
    ask: Callable[..., CueRequest], lyrics: str, told: str
) -> None:
    assert lyrics_of(ask(lyrics=lyrics)) == told
