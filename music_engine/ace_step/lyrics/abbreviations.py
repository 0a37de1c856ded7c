"""Written abbreviations, spelled as they are sung ("dr." to "doctor")."""

from __future__ import annotations

import re
from functools import cache

from music_engine.ace_step.lyrics.tables import words_by_language


@cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    end = r"\b" if language == "ru" else r"\."  # the reference's Russian list is of hyphenated words
    table = words_by_language("abbreviations").get(language, {})
    return tuple((re.compile(rf"\b{short}{end}", re.IGNORECASE), long) for short, long in table.items())


def spell_abbreviations(text: str, language: str) -> str:
    """The text with its abbreviations in full. language: ISO 639-1; one without a list leaves the text as it is."""
    for pattern, long in _patterns(language):
        text = pattern.sub(long, text)
    return text
