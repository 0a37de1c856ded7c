from __future__ import annotations

import pytest

from music_engine.ace_step.lyrics.romanisation import romanise_japanese, romanise_korean


@pytest.mark.parametrize(("korean", "latin"), [("너를", "neoleul"), ("한국어", "hangug-eo"), ("ok 별", "ok byeol")])
def test_korean_is_written_by_the_academic_rule(korean: str, latin: str) -> None:
    assert romanise_korean(korean) == latin


def test_japanese_is_written_in_hepburn_with_blanks_between_words() -> None:
    assert romanise_japanese("夜空に輝く") == "Yozora ni kagayaku"
    assert romanise_japanese("über") == "????"
