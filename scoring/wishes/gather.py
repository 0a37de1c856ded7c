"""Everything a person asks of a cue, read and put together."""

from __future__ import annotations

from dataclasses import replace

from scoring.wishes.asked import Asked
from scoring.wishes.reading import Wishes, joined, read_wishes


def gather(asked: Asked, words: str = "") -> Wishes:
    """All of it read. words: what a person wrote into the cue's prompt; it counts before the rest of the text."""
    exact = Wishes(
        instruments=asked.instruments,
        mood=asked.mood,
        bpm=asked.bpm,
        key=asked.key,
        used=(*asked.instruments, *(str(value) for value in (asked.mood, asked.bpm, asked.key) if value is not None)),
    )
    found = exact
    for text in (words, asked.prompt, asked.structure):
        found = joined(found, read_wishes(text))
    denied = read_wishes(asked.avoid)
    avoid = tuple(dict.fromkeys((*found.avoid, *denied.avoid, *denied.instruments, *denied.effects, *denied.missing)))
    # What can be kept silent is an instrument or an effect; of the other words to avoid there is no opposite.
    silenced = [
        word for word in denied.used if (alone := read_wishes(word)).instruments or alone.effects or alone.avoid
    ]
    deaf = [word for word in (*denied.used, *denied.unused) if word not in silenced and word not in denied.missing]
    return replace(
        found,
        instruments=tuple(name for name in found.instruments if name not in avoid),
        avoid=avoid,
        effects=tuple(name for name in found.effects if name not in avoid),
        missing=tuple(name for name in found.missing if name not in avoid),
        used=(*found.used, *(f"no {word}" for word in silenced)),
        unused=(*found.unused, *(f"no {word}" for word in deaf)),
    )
