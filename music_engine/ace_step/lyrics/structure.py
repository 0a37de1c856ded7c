"""Structure tags, [verse] and the like, and the lyric of music without a voice."""

from __future__ import annotations

import re
from collections.abc import Iterable

from music_engine.ace_step.lyrics.tables import vocabulary_facts
from scoring.errors import UnknownChoice

INSTRUMENTAL = "[inst]"
_TAG = re.compile(r"\[.*?\]")
_LANGUAGE_TAG = re.compile(r"\[([a-z]{2})(?:-cn)?\]\s*", re.IGNORECASE)
_OTHER_NAMES = {"instrumental": "inst", "prechorus": "pre-chorus", "ending": "end", "refrain": "chorus"}


def is_structure(line: str) -> bool:
    """Whether a line starts with something in square brackets; the reference sings all of it as English."""
    return _TAG.match(line) is not None


def split_language_tag(line: str) -> tuple[str | None, str]:
    """("zh", the rest) for a line that starts with [zh], [zh-cn], [en] or another of the 17; else (None, line)."""
    found = _LANGUAGE_TAG.match(line)
    if found is None or found[1].lower() not in vocabulary_facts().languages:
        return None, line
    return found[1].lower(), line[found.end() :]


def structure_lyric(sections: Iterable[str]) -> str:
    """A lyric without words that names the sections of a piece, one tag a line: "[intro]" and so on.

    sections: names of data/vocabulary.toml, or words for them ("instrumental", "Pre Chorus"); at least one, for a lyric
    without any character makes the model sing. Raises UnknownChoice for another name.
    """
    tags = [f"[{_name(section)}]" for section in sections]
    return "\n".join(tags or [INSTRUMENTAL])


def _name(section: str) -> str:
    word = re.sub(r"[\s_]+", "-", section.strip().strip("[]").lower())
    word = _OTHER_NAMES.get(word.replace("-", ""), word)
    if word not in vocabulary_facts().structure:
        raise UnknownChoice.among("section", section, list(vocabulary_facts().structure))
    return word
