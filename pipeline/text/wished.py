"""The words of a run: what the wish names, and what lies in the film."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.media.probe import MediaProbe
from pipeline.settings import Settings
from pipeline.text.read import Words, read_words
from pipeline.wish import Wish


def words_wished(film: MediaProbe, wish: Wish, settings: Settings, note: Callable[[str], None]) -> Words | None:
    """What read_words finds for a wish; says what is used and what is not. Raises TextError as it does."""
    words = read_words(film, settings, file=wish.words, description=wish.describe, embedded=wish.subtitles)
    if words is None:
        return None
    for text in words.notes:
        note(text)
    if words.said:
        labels = ", ".join(said.label for said in words.said)
        note(f"the curve also follows {labels}, from {'; '.join(words.where)}")
    return words
