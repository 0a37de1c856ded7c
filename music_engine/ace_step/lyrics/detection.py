"""The language a line of lyrics is sung in."""

from __future__ import annotations

from dataclasses import dataclass

from music_engine.ace_step.lyrics.segmenter import count_languages
from music_engine.ace_step.lyrics.tables import vocabulary_facts

FALLBACK = "en"
LONGEST_READ_CHARACTERS = 1000  # of one line; more would only cost time


@dataclass(frozen=True, slots=True)
class Detection:
    """language: ISO 639-1, any of the 97 that langid knows. counts: (language, characters), most first."""

    language: str
    counts: tuple[tuple[str, int], ...]

    @property
    def sung(self) -> str:
        """The language if the vocabulary has a tag for it, English if not."""
        return self.language if self.language in vocabulary_facts().languages else FALLBACK


def detect(line: str) -> Detection:
    """The language most of a line is in, English only where there is no other.

    English words turn up in the lyrics of every language, so the second language wins over English. Raises
    EngineUnavailable where py3langid is not installed. Source: the ACE-Step v1 reference.
    """
    counts = count_languages(line[:LONGEST_READ_CHARACTERS])
    language = counts[0][0]
    if language == FALLBACK and len(counts) > 1:
        language = counts[1][0]
    return Detection(language, counts)
