from __future__ import annotations

import pytest

from music_engine.ace_step.lyrics.structure import is_structure, split_language_tag, structure_lyric
from scoring.errors import UnknownChoice


@pytest.mark.parametrize("line", ["[verse]", "[Verse 1]", "[bridge - whispered] la", "[]", "[zh]你好"])
def test_a_line_that_starts_with_brackets_is_structure(line: str) -> None:
    assert is_structure(line)


@pytest.mark.parametrize("line", ["verse", "la [verse]", "[verse", "(verse)"])
def test_other_lines_are_not(line: str) -> None:
    assert not is_structure(line)


def test_a_language_tag_is_taken_off() -> None:
    assert split_language_tag("[zh] 你好") == ("zh", "你好")
    assert split_language_tag("[ZH-CN]你好") == ("zh", "你好")
    assert split_language_tag("[ko]") == ("ko", "")
    assert split_language_tag("[xx]la") == (None, "[xx]la")
    assert split_language_tag("[verse]la") == (None, "[verse]la")


def test_sections_become_a_lyric_of_tags() -> None:
    assert structure_lyric(["intro", "Verse", "Pre Chorus", "instrumental"]) == "[intro]\n[verse]\n[pre-chorus]\n[inst]"


def test_no_sections_are_an_instrumental_for_an_empty_lyric_would_be_sung() -> None:
    assert structure_lyric([]) == "[inst]"


def test_an_unknown_section_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownChoice, match=r"'coda'.*chorus"):
        structure_lyric(["coda"])
