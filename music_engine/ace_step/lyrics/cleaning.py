"""A lyric line as the vocabulary knows it: lower case, digits and symbols in words, other scripts in Latin letters."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from music_engine.ace_step.compat import Compat
from music_engine.ace_step.lyrics.abbreviations import spell_abbreviations
from music_engine.ace_step.lyrics.chinese_numbers import spell_chinese_numbers
from music_engine.ace_step.lyrics.numbers import spell_numbers
from music_engine.ace_step.lyrics.pinyin import romanise_chinese, split_pinyin
from music_engine.ace_step.lyrics.romanisation import romanise_japanese, romanise_korean
from music_engine.ace_step.lyrics.symbols import spell_symbols
from scoring.errors import CuesmithError

_TURKISH = str.maketrans("İÖÜ", "iöü")  # str.lower would give İ a dot of its own


@dataclass(frozen=True, slots=True)
class CleanedLine:
    """text: what is tokenised. skipped: steps a library failed at, whose work was thrown away."""

    text: str
    skipped: tuple[str, ...] = ()


def clean(text: str, language: str, compat: Compat = "fixed") -> CleanedLine:
    """A line of lyrics made ready for the vocabulary. language: one of the 17 of data/vocabulary.toml.

    compat: "fixed" leaves toned pinyin in Chinese lines alone, counts in Czech, and puts number words that come with
    capitals into lower case; "reference" does none of these. Raises EngineUnavailable where a library is missing.
    Source: the ACE-Step v1 reference.
    """
    if language == "ja":
        return CleanedLine(romanise_japanese(text).lower())
    if language == "hi":
        return CleanedLine(_collapse(text.lower()))
    text = text.replace('"', "")
    if language == "tr":
        text = text.translate(_TURKISH)
    text = text.lower()
    if language != "zh":
        return _spell(text, language, compat)
    parts = split_pinyin(text) if compat == "fixed" else [(text, False)]
    cleaned = [CleanedLine(part) if is_pinyin else _spell(part, "zh", compat, whole=False) for part, is_pinyin in parts]
    skipped = dict.fromkeys(step for part in cleaned for step in part.skipped)
    return CleanedLine("".join(part.text for part in cleaned), tuple(skipped))


def _spell(text: str, language: str, compat: Compat, *, whole: bool = True) -> CleanedLine:
    """whole: whether blanks at the ends of the text are the line's and go."""
    before, after = ("", "") if whole else _blanks_around(text)
    skipped = []
    for step, spell in _steps(language, compat):
        try:
            text = spell(text)
        except CuesmithError:
            raise
        except Exception:  # the reference throws a step's work away whatever went wrong; the libraries raise many kinds
            skipped.append(step)
    text = _collapse(text)
    if language == "zh":
        text = romanise_chinese(text)
    elif language == "ko":
        text = romanise_korean(text)
    return CleanedLine(before + text + after, tuple(skipped))


def _steps(language: str, compat: Compat) -> tuple[tuple[str, Callable[[str], str]], ...]:
    def numbers(text: str) -> str:
        if language == "zh":
            return spell_chinese_numbers(text)
        spelled = spell_numbers(text, language, compat)
        return spelled.lower() if compat == "fixed" else spelled

    return (
        ("numbers", numbers),
        ("abbreviations", lambda text: spell_abbreviations(text, language)),
        ("symbols", lambda text: spell_symbols(text, language)),
    )


def _collapse(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _blanks_around(text: str) -> tuple[str, str]:
    if not text.strip():
        return "", ""
    return " " * text[0].isspace(), " " * text[-1].isspace()
