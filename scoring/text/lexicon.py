"""The lexicons of data/lexicon/*.toml, read strictly and once: word → what it says."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any, Literal

from scoring.errors import StyleError
from scoring.moods import MOODS
from scoring.table import read_table
from scoring.vocabulary import built_in_vocabulary

Part = Literal["plain", "feeling", "negator", "degree", "turn"]
_DIRECTORY = resources.files("scoring") / "data" / "lexicon"
_VADER_SPAN = 4.0  # VADER's raters used −4..4


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word says. part: feeling, or a small word that bends the feeling of others; plain says nothing.

    valence: −1..1. mood: a name of moods.toml or "". stir: −1..1, how excited (or still) it is, None where it does not
    say. factor: of a degree. is_far: a denial that holds for its whole clause, as "nobody" does.
    """

    part: Part
    valence: float = 0.0
    mood: str = ""
    stir: float | None = None
    factor: float = 1.0
    is_far: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language's words in small letters, hyphens as spaces. longest: of its entries, in words or characters.

    folding: characters to read as others, for str.translate. small_words: those a running text is full of.
    """

    meanings: Mapping[str, Meaning]
    longest: int
    folding: Mapping[int, int] = field(default_factory=dict)
    small_words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Group:
    mood: str
    valence: float = field(metadata={"range": (-1, 1)})
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Stir:
    arousal: float = field(metadata={"range": (-1, 1)})
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Degree:
    factor: float = field(metadata={"range": (0.1, 3)})
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _File:
    negators: tuple[str, ...]
    far_negators: tuple[str, ...]
    turns: tuple[str, ...]
    plain: tuple[str, ...]
    degrees: tuple[_Degree, ...]
    groups: tuple[_Group, ...]
    stirs: tuple[_Stir, ...]
    traditional: str = ""
    simplified: str = ""
    small_words: tuple[str, ...] = ()


@cache
def english() -> Lexicon:
    """Our own words, the vocabulary's mood words, their endings, then VADER's. What comes first counts."""
    file = _file("english")
    meanings: dict[str, Meaning] = {}
    for word, meaning in _entries(file, is_ascii=True):
        meanings.setdefault(_plain_spelling(word), meaning)
    vader = _vader()
    for word, meaning in list(meanings.items()):
        if meaning.part == "feeling" and " " not in word:
            for form in _forms(word):
                # A form that VADER rates the other way is another word: "wishes" and "wish", "caring" and "care".
                if vader.get(form, meaning.valence) * meaning.valence >= 0:
                    meanings.setdefault(form, meaning)
    for word, valence in vader.items():
        meanings.setdefault(word, Meaning("feeling", valence=valence))
    _stir(meanings, file)
    return Lexicon(meanings, max(len(word.split()) for word in meanings), small_words=frozenset(file.small_words))


@cache
def chinese() -> Lexicon:
    """Our own words and the vocabulary's mood words, simplified; folding turns traditional characters into those."""
    file = _file("chinese")
    if len(file.traditional) != len(file.simplified):
        raise StyleError.field("chinese.toml: simplified", file.simplified, "one character for each of traditional")
    folding = {ord(a): ord(b) for a, b in zip(file.traditional, file.simplified, strict=True)}
    meanings: dict[str, Meaning] = {}
    for word, meaning in _entries(file, is_ascii=False):
        meanings.setdefault(word.translate(folding), meaning)
    _stir(meanings, file)
    return Lexicon(meanings, max(map(len, meanings)), folding)


def _entries(file: _File, *, is_ascii: bool) -> Iterator[tuple[str, Meaning]]:
    yield from ((word, Meaning("plain")) for word in file.plain)
    yield from ((word, Meaning("negator")) for word in file.negators)
    yield from ((word, Meaning("negator", is_far=True)) for word in file.far_negators)
    yield from ((word, Meaning("turn")) for word in file.turns)
    for degree in file.degrees:
        yield from ((word, Meaning("degree", factor=degree.factor)) for word in degree.words)
    for group in file.groups:
        yield from ((word, Meaning("feeling", group.valence, group.mood)) for word in group.words)
    for mood, entry in built_in_vocabulary().moods.items():
        own = (word for word in entry.words if word.isascii() == is_ascii)
        yield from ((word, Meaning("feeling", MOODS[mood].valence, mood)) for word in own)


def _stir(meanings: dict[str, Meaning], file: _File) -> None:
    """Add how exciting words are to what they say already; a plain word stays plain."""
    for stir in file.stirs:
        for word in stir.words:
            known = meanings.get(word, Meaning("feeling"))
            if known.part == "feeling":
                meanings[word] = replace(known, stir=stir.arousal)


def _forms(word: str) -> Iterator[str]:
    """How the word may end: regular English spelling. Some of these do not exist, and then never turn up."""
    if len(word) < 3:
        return
    if word.endswith("e"):
        stem = word[:-1]
        yield from (f"{word}s", f"{word}d", f"{stem}ing", f"{word}ly")
    elif word.endswith("y") and word[-2] not in "aeiou":
        stem = word[:-1]
        yield from (f"{stem}ies", f"{stem}ied", f"{word}ing", f"{stem}ily")
    else:
        yield from (f"{word}s", f"{word}es", f"{word}ed", f"{word}ing", f"{word}ly")
    if re.search("[^aeiou][aeiou][bdgmnprt]$", word):
        yield from (f"{word}{word[-1]}ed", f"{word}{word[-1]}ing")


def _plain_spelling(word: str) -> str:
    return " ".join(word.replace("-", " ").split())


@cache
def _vader() -> Mapping[str, float]:
    values = _load("vader")["valence"]
    for word, value in values.items():
        if not isinstance(value, float) or not -_VADER_SPAN <= value <= _VADER_SPAN:
            raise StyleError.field(f"vader.toml: {word}", value, "-4 to 4")
    return {_plain_spelling(word): value / _VADER_SPAN for word, value in values.items()}


def _file(name: str) -> _File:
    file = read_table(_load(name), _File, f"{name}.toml", {})
    for group in file.groups:
        if group.mood and group.mood not in MOODS:
            raise StyleError.field(f"{name}.toml: mood", group.mood, ", ".join(MOODS))
    return file


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((_DIRECTORY / f"{name}.toml").read_text(encoding="utf-8"))
