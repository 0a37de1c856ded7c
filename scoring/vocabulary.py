"""The vocabulary: what a picture is compared with, and what is then said to engines and players. One for both."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, TypeVar

from scoring.errors import StyleError, VocabularyError
from scoring.moods import mood_names
from scoring.table import read_table

SCHEMA = "cuesmith.vocabulary/1"
AXES = ("valence", "arousal", "tension")
NOWHERE = "none"  # the place of a picture that shows none of the settings
DEFAULT_FAMILY = "ace-step"

# The least that makes a reading worth anything (affect.md, "Read-out to implement"): one word alone says too much about
# itself.
LEAST_TEMPLATES, LEAST_POLE_WORDS, LEAST_NEUTRAL = 8, 6, 8

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pole:
    """The two ends of an axis, in words that go into the templates."""

    plus: tuple[str, ...]
    minus: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """A family of music models. form: whether it takes tags with commas between, or a sentence."""

    title: str
    form: Literal["tags", "sentence"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A mood or a setting. pictures: what is seen or felt. words: what people call it. tags: family → what to say.

    styles: names of styles, the best first. instruments: names of the vocabulary of wishes.
    """

    pictures: tuple[str, ...]
    words: tuple[str, ...]
    styles: tuple[str, ...]
    tags: Mapping[str, tuple[str, ...]]
    instruments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything of one file. Raises VocabularyError where it contradicts itself.

    templates: each with one {}. neutral: captions of pictures that say nothing. poles: by the names of AXES.
    translations: family → English tag → what it is called there. moods: by the names of moods.toml. settings: by name.
    sha256: of the file's text.
    """

    schema: str
    version: str
    templates: tuple[str, ...]
    place_templates: tuple[str, ...]
    neutral: tuple[str, ...]
    poles: Mapping[str, Pole]
    families: Mapping[str, Family]
    moods: Mapping[str, Entry]
    settings: Mapping[str, Entry]
    translations: Mapping[str, Mapping[str, str]]
    sha256: str = ""

    def __post_init__(self) -> None:
        """Hold what the readers of a vocabulary count on."""
        if self.schema != SCHEMA:
            raise VocabularyError(f"the vocabulary's schema is {self.schema!r}", f"This version reads {SCHEMA}")
        for name, templates, least in (
            ("templates", self.templates, LEAST_TEMPLATES),
            ("place_templates", self.place_templates, 1),
        ):
            if len(templates) < least or any(t.count("{}") != 1 for t in templates):
                raise _bad(name, list(templates), f"{least} or more, each with one {{}}")
        if len(self.neutral) < LEAST_NEUTRAL:
            raise _bad("neutral", list(self.neutral), f"{LEAST_NEUTRAL} or more captions")
        if set(self.poles) != set(AXES):
            raise _bad("poles", sorted(self.poles), ", ".join(AXES))
        for axis, pole in self.poles.items():
            if min(len(pole.plus), len(pole.minus)) < LEAST_POLE_WORDS:
                raise _bad(f"poles.{axis}", [len(pole.plus), len(pole.minus)], f"{LEAST_POLE_WORDS} or more words each")
        if set(self.moods) != set(mood_names()):
            raise _bad("moods", sorted(self.moods), ", ".join(mood_names()))
        if not self.settings or NOWHERE in self.settings:
            raise _bad("settings", sorted(self.settings), f"one or more, none of them called {NOWHERE!r}")
        if DEFAULT_FAMILY not in self.families:
            raise _bad("families", sorted(self.families), f"{DEFAULT_FAMILY} among them")
        for family in self.translations:
            if family not in self.families:
                raise _bad("translations", family, ", ".join(self.families))
        for kind, entries in (("moods", self.moods), ("settings", self.settings)):
            for name, entry in entries.items():
                self._check(f"{kind}.{name}", entry)

    def _check(self, where: str, entry: Entry) -> None:
        if not entry.pictures:
            raise _bad(f"{where}.pictures", [], "one or more")
        if set(entry.tags) != set(self.families):
            raise _bad(f"{where}.tags", sorted(entry.tags), ", ".join(self.families))

    @property
    def setting_names(self) -> tuple[str, ...]:
        """The settings in the file's order, and NOWHERE last: the columns of setting_probabilities."""
        return (*self.settings, NOWHERE)

    def translated(self, tag: str, family: str) -> str:
        """What a tag that came from elsewhere is called in a family; itself where nothing is known."""
        return self.translations.get(family, {}).get(tag, tag)


def parse_vocabulary(text: str, where: str) -> Vocabulary:
    """A vocabulary from the text of a TOML file. where: what messages call it. Raises VocabularyError."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise VocabularyError(f"{where} is no TOML: {error}", "Mend the line it names") from error
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    if "sha256" in table:
        raise _bad("sha256", table["sha256"], "nothing: it is the file's own hash")
    try:
        return read_table({"translations": {}, **table, "sha256": digest}, Vocabulary, where, _READERS)
    except VocabularyError:
        raise
    except StyleError as error:
        raise VocabularyError(error.what, error.advice) from error


@cache
def built_in_vocabulary() -> Vocabulary:
    """The vocabulary that comes with Cuesmith."""
    text = (resources.files("scoring") / "data" / "vocabulary.toml").read_text(encoding="utf-8")
    return parse_vocabulary(text, "vocabulary.toml")


def first_known(names: Sequence[str], known: Sequence[str]) -> str | None:
    """The first of some names that there is."""
    return next((name for name in names if name in known), None)


def _table_of(kind: type[T]) -> Any:
    def read(value: object, where: str) -> Mapping[str, T]:
        if not isinstance(value, dict):
            raise StyleError.field(where, value, "a table of tables")
        return {name: read_table(row, kind, f"{where}.{name}", _READERS) for name, row in value.items()}

    return read


def _texts(value: object, where: str) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise StyleError.field(where, value, "a table of texts")
    return dict(value)


def _lists(value: object, where: str) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise StyleError.field(where, value, "a table of lists")
    for name, words in value.items():
        if not isinstance(words, list) or not words or not all(isinstance(word, str) and word for word in words):
            raise StyleError.field(f"{where}.{name}", words, "a list of texts")
    return {name: tuple(words) for name, words in value.items()}


def _tables_of_texts(value: object, where: str) -> Mapping[str, Mapping[str, str]]:
    if not isinstance(value, dict):
        raise StyleError.field(where, value, "a table of tables")
    return {name: _texts(row, f"{where}.{name}") for name, row in value.items()}


def _bad(where: str, found: object, allowed: str) -> VocabularyError:
    return VocabularyError(f"the vocabulary: {where} is {found!r}", f"Allowed: {allowed}")


_READERS: dict[Any, Any] = {
    Mapping[str, Pole]: _table_of(Pole),
    Mapping[str, Family]: _table_of(Family),
    Mapping[str, Entry]: _table_of(Entry),
    Mapping[str, tuple[str, ...]]: _lists,
    Mapping[str, Mapping[str, str]]: _tables_of_texts,
}
