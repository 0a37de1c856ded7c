"""The words there are, from data/wishes/*.toml, read strictly and once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal

from scoring.errors import StyleError, UnknownChoice, VocabularyError
from scoring.moods import MOODS
from scoring.style import Drum, Groove, Layer, style_names
from scoring.table import read_table
from scoring.vocabulary import Vocabulary, built_in_vocabulary

Role = Literal["lead", "figure", "pad", "bass", "drums"]
Force = Literal["", "soft", "loud"]
_DIRECTORY = resources.files("scoring") / "data" / "wishes"

_VOICES = (52, 53, 54)


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument people name. programs: General MIDI 0..127 that are it, the first is played; kit: of drums;
    drums: those of a style that are it, where it is no whole kit.

    low, high: MIDI pitches. nearest: what plays in its stead, where General MIDI lacks it; "" where it does not.
    """

    name: str
    words: tuple[str, ...]
    role: Role
    programs: tuple[int, ...]
    low: int = field(default=0, metadata={"range": (0, 127)})
    high: int = field(default=127, metadata={"range": (0, 127)})
    kit: int = field(default=0, metadata={"range": (0, 127)})
    drums: tuple[Drum, ...] = ()
    nearest: str = ""

    @property
    def sings(self) -> bool:
        """Whether it is a human voice, or sounds like one (General MIDI 52 to 54)."""
        return any(program in _VOICES for program in self.programs)


@dataclass(frozen=True, slots=True)
class TempoWord:
    """Words for a band of tempi, (low, high) bpm."""

    band_bpm: tuple[float, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SectionWord:
    """A section of a piece. level: how strongly it is played, 0..1; weight: its share of the time."""

    name: str
    level: float = field(metadata={"range": (0, 1)})
    weight: float = field(metadata={"range": (0.1, 4)})
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """A sound that is no instrument. is_available: whether the composer makes it."""

    name: str
    is_available: bool
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Genre:
    """A genre: the style it starts from, what it brings where no instrument is named, and its swing."""

    name: str
    style: str
    instruments: tuple[str, ...]
    words: tuple[str, ...]
    effects: tuple[str, ...] = ()
    swing: float = field(default=0.0, metadata={"range": (0, 0.34)})


@dataclass(frozen=True, slots=True)
class Grammar:
    """Small words of both languages; the fields are those of grammar.toml."""

    denials: tuple[str, ...]
    denials_after: tuple[str, ...]
    turns: tuple[str, ...]
    alone: tuple[str, ...]
    stops: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """words.toml. forces: name → words."""

    tempos: tuple[TempoWord, ...]
    sections: tuple[SectionWord, ...]
    effects: tuple[Effect, ...]
    genres: tuple[Genre, ...]
    forces: Mapping[str, tuple[str, ...]]


@cache
def instruments() -> Mapping[str, Instrument]:
    """By name, in the file's order."""
    return {
        name: read_table({"name": name, **table}, Instrument, f"instrument {name}", {})
        for name, table in _load("instruments").items()
    }


@cache
def words() -> Words:
    """Everything of words.toml. Raises StyleError where the file names a style or instrument there is not."""
    found = read_table(_load("words"), Words, "words.toml", {Mapping[str, tuple[str, ...]]: _read_lists})
    for genre in found.genres:
        _among(genre.style, style_names(), f"genre {genre.name}: style")
        for name in genre.instruments:
            _among(name, instruments(), f"genre {genre.name}: instruments")
    return found


def mood_words(vocabulary: Vocabulary | None = None) -> Mapping[str, tuple[str, ...]]:
    """What people call each mood, from a vocabulary or the built-in one."""
    return {name: entry.words for name, entry in (vocabulary or built_in_vocabulary()).moods.items()}


def check_names(vocabulary: Vocabulary) -> None:
    """Raises VocabularyError where a vocabulary names a style or an instrument there is not."""
    for kind, entries in (("moods", vocabulary.moods), ("settings", vocabulary.settings)):
        for name, entry in entries.items():
            for field_name, found, known in (
                ("styles", entry.styles, style_names()),
                ("instruments", entry.instruments, tuple(instruments())),
            ):
                for word in found:
                    if word not in known:
                        where = f"the vocabulary: {kind}.{name}.{field_name}"
                        raise VocabularyError(f"{where} has {word!r}", f"Allowed: {', '.join(known)}")


@cache
def grammar() -> Grammar:
    """Everything of grammar.toml."""
    return read_table(_load("grammar"), Grammar, "grammar.toml", {})


@cache
def role_layer(role: str, name: str, instrument: Instrument) -> Layer:
    """A composer's layer for an instrument in a role of roles.toml. name: the layer's."""
    table = {"name": name, "threshold": 0.0, "low": instrument.low, "high": instrument.high, **_load("roles")[role]}
    if instrument.programs and role != "drums":
        table["program"] = instrument.programs[0]
    return read_table(table, Layer, f"role {role}", {})


@cache
def plain_grooves() -> tuple[Groove, ...]:
    """The grooves for a style that has none."""
    return tuple(read_table(table, Groove, "roles.toml: grooves", {}) for table in _load("roles")["grooves"])


def find_instrument(text: str) -> Instrument:
    """The instrument of a name or word, English or Chinese. Raises UnknownChoice with the names there are."""
    wanted = folded(text)
    for instrument in instruments().values():
        if wanted in {folded(word) for word in (instrument.name, *instrument.words)}:
            return instrument
    raise UnknownChoice.among("instrument", text, list(instruments()))


def find_mood(text: str, vocabulary: Vocabulary | None = None) -> str:
    """The mood of a name or word, English or Chinese. Raises UnknownChoice with the names there are.

    vocabulary: one that people brought; its words count before the built-in ones.
    """
    wanted = folded(text)
    for calls in (mood_words(vocabulary), mood_words()):
        for mood, own in calls.items():
            if wanted in {folded(word) for word in (mood, *own)}:
                return mood
    raise UnknownChoice.among("mood", text, list(MOODS))


def folded(text: str) -> str:
    """Small letters without spaces and hyphens: "Lo-Fi", "lo fi" and "lofi" are one word."""
    return "".join(text.casefold().replace("-", " ").split())


@cache
def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((_DIRECTORY / f"{name}.toml").read_text(encoding="utf-8"))


def _read_lists(value: object, where: str) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise StyleError.field(where, value, "a table of lists")
    return {name: tuple(own) for name, own in value.items()}


def _among(name: str, known: object, where: str) -> None:
    if name not in known:  # type: ignore[operator]
        raise StyleError.field(where, name, "a name there is")
