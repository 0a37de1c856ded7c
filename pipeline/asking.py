"""What a person asks of the music, from words as they are typed to names that are known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.given import read_vocabulary
from scoring.errors import UnknownChoice
from scoring.key import Key
from scoring.wishes.asked import Asked
from scoring.wishes.numbers import find_key
from scoring.wishes.vocabulary import find_instrument, find_mood


def asked(
    *,
    prompt: str = "",
    avoid: str = "",
    instruments: Sequence[str] = (),
    mood: str = "",
    bpm: float | None = None,
    key: str = "",
    vocabulary: Path | None = None,
) -> Asked:
    """All of it as one wish. vocabulary: the user's own, whose words for moods count too.

    Raises UnknownChoice for a name there is not, with those there are; what given.read_vocabulary raises.
    """
    names = [name.strip() for name in instruments if name.strip()]
    return Asked(
        prompt=prompt.strip(),
        avoid=avoid.strip(),
        instruments=tuple(dict.fromkeys(find_instrument(name).name for name in names)),
        mood=find_mood(mood, read_vocabulary(vocabulary) if vocabulary else None) if mood.strip() else None,
        bpm=bpm,
        key=read_key(key) if key.strip() else None,
    )


def read_key(text: str) -> Key:
    """A key as people write it: "D minor", "in D minor", "F# lydian". Raises UnknownChoice."""
    try:
        return Key.parse(text)
    except ValueError as error:
        found = find_key(text.strip().lower())
        if found is not None and isinstance(found[0], Key):
            return found[0]
        raise UnknownChoice(f"there is no key called {text!r}", f"Write {error}") from error
