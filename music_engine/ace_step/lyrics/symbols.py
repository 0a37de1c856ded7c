"""Symbols, spelled as they are sung ("&" to "and")."""

from __future__ import annotations

from music_engine.ace_step.lyrics.tables import words_by_language


def spell_symbols(text: str, language: str) -> str:
    """The text with & @ % # $ £ ° as words of the language, and no blank at its ends."""
    for symbol, word in words_by_language("symbols").get(language, {}).items():
        text = text.replace(symbol, f" {word} ").replace("  ", " ")
    return text.strip()
