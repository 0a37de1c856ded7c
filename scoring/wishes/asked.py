"""What a person asks of a cue, as it stands in cues.json or on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scoring.key import Key


@dataclass(frozen=True, slots=True)
class Asked:
    """Wishes before they are read. prompt, avoid, structure: text. instruments: names of the vocabulary.

    mood, bpm, key: exact, None where not said. read: what of all this stands in the cue's mood, tempo and key already;
    Cuesmith writes it, so that a field edited by hand afterwards stays as it is. extra: unknown fields, kept.
    """

    prompt: str = ""
    avoid: str = ""
    instruments: tuple[str, ...] = ()
    mood: str | None = None
    bpm: float | None = None
    key: Key | None = None
    structure: str = ""
    read: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked."""
        return replace(self, read="", extra={}) == Asked()

    def over(self, other: Asked) -> Asked:
        """This, and where it says nothing the other."""
        return Asked(
            prompt=self.prompt or other.prompt,
            avoid=self.avoid or other.avoid,
            instruments=self.instruments or other.instruments,
            mood=self.mood or other.mood,
            bpm=self.bpm or other.bpm,
            key=self.key or other.key,
            structure=self.structure or other.structure,
            read=other.read,
            extra=other.extra,
        )

    def mark(self, words: str) -> str:
        """What is asked, in one line: the same line, the same wishes."""
        named = ",".join(self.instruments)
        parts = (words, self.prompt, self.avoid, named, self.mood, self.bpm, self.key, self.structure)
        return " | ".join(str(part) for part in parts if part)
