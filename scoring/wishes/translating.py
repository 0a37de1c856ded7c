"""Words of a vocabulary of one's own, put into words that everybody knows, before wishes are read."""

from __future__ import annotations

import re
from dataclasses import replace

from scoring.vocabulary import Vocabulary, built_in_vocabulary
from scoring.wishes.asked import Asked
from scoring.wishes.vocabulary import folded


def in_known_words(asked: Asked, vocabulary: Vocabulary) -> Asked:
    """The wish with every mood word that only this vocabulary has replaced by the mood's own name."""
    if vocabulary.sha256 == built_in_vocabulary().sha256 or not (asked.prompt or asked.avoid):
        return asked
    known = {folded(word) for entry in built_in_vocabulary().moods.values() for word in entry.words}
    own = {word: mood for mood, entry in vocabulary.moods.items() for word in entry.words if folded(word) not in known}
    if not own:
        return asked
    longest_first = sorted(own, key=lambda word: (-len(word), word))
    pattern = re.compile(
        "|".join(rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word) for word in longest_first),
        re.IGNORECASE,
    )
    names = {word.casefold(): mood for word, mood in own.items()}

    def told(text: str) -> str:
        return pattern.sub(
            lambda match: f" {names[match[0].casefold()]} " if not match[0].isascii() else names[match[0].casefold()],
            text,
        )

    return replace(asked, prompt=told(asked.prompt), avoid=told(asked.avoid))
