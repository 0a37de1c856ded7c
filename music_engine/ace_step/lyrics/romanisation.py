"""Korean and Japanese in Latin letters."""

from __future__ import annotations

from functools import cache
from typing import Any

from music_engine.ace_step.lyrics.libraries import library
from scoring.errors import EngineUnavailable


@cache
def _korean() -> Any:
    rule = library("hangul_romanize.rule", "Korean lyrics")
    return library("hangul_romanize", "Korean lyrics").Transliter(rule.academic)


@cache
def _japanese() -> Any:
    cutlet = library("cutlet", "Japanese lyrics")
    library("unidic_lite", "Japanese lyrics")  # its dictionary, which it finds by itself
    try:
        return cutlet.Cutlet()
    except Exception as error:  # fugashi raises several kinds for a dictionary it cannot open
        raise EngineUnavailable(
            f"Japanese lyrics cannot be read: the dictionary does not open ({error})",
            "Install it again: pip install --force-reinstall unidic-lite",
        ) from error


def romanise_korean(text: str) -> str:
    """Hangul by the academic rule (너를 is neoleul), everything else as it is.

    Raises EngineUnavailable where hangul-romanize is not installed.
    """
    return str(_korean().translit(text))


def romanise_japanese(text: str) -> str:
    """Japanese in Hepburn romaji, with a blank between words; letters that are neither become question marks.

    Raises EngineUnavailable where cutlet or its dictionary unidic-lite is not installed.
    """
    return str(_japanese().romaji(text))
