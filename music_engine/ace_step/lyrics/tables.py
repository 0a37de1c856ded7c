"""The data files of the lyrics: toml, read strictly and once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from scoring.errors import StyleError
from scoring.table import read_table

_DIRECTORY = resources.files("music_engine.ace_step.lyrics") / "data"
Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SpecialTokens:
    """Ids of the tokens that stand for no text. empty: the only id of a lyric without a character."""

    start: int
    space: int
    unknown: int
    empty: int


@dataclass(frozen=True, slots=True)
class VocabularyFacts:
    """data/vocabulary.toml. entries, merges: of the byte-pair encoding; added: special tokens; size: ids in all.

    url, licence: where a user may fetch the file and under what terms; verified: whether this project has seen the
    address answer. languages, structure: token ids by name.
    """

    url: str
    verified: bool
    file_name: str
    licence: str
    largest_bytes: int
    entries: int
    merges: int
    added: int
    size: int
    tokens: SpecialTokens
    languages: Mapping[str, int]
    structure: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class NumberRules:
    """How one language reads digits; the fields are those of data/numbers.toml."""

    code: str
    ordinal: str
    joiner: str
    reference_code: str = ""
    group: Literal["comma", "dot"] = "dot"
    has_decimals: bool = True


@dataclass(frozen=True, slots=True)
class ChineseRules:
    """data/chinese.toml."""

    measures: tuple[str, ...]
    large_units: tuple[str, ...]
    whole_units: tuple[str, ...]
    small_units: tuple[str, ...]
    punctuation: str


@cache
def vocabulary_facts() -> VocabularyFacts:
    """What is known of the vocabulary without having it. Raises StyleError where the file does not fit."""
    return read_table(_load("vocabulary"), VocabularyFacts, "vocabulary.toml", {Mapping[str, int]: _read_ids})


@cache
def number_rules() -> Mapping[str, NumberRules]:
    """By language."""
    return {
        language: read_table(table, NumberRules, f"numbers.toml: {language}", {})
        for language, table in _load("numbers").items()
    }


@cache
def chinese_rules() -> ChineseRules:
    """The lists of data/chinese.toml."""
    return read_table(_load("chinese"), ChineseRules, "chinese.toml", {})


@cache
def words_by_language(name: Literal["abbreviations", "symbols"]) -> Mapping[str, Words]:
    """Language → what is written → what is sung, in the file's order."""
    tables: dict[str, Words] = {}
    for language, table in _load(name).items():
        where = f"{name}.toml: {language}"
        if language not in vocabulary_facts().languages:
            raise StyleError.field(where, language, ", ".join(vocabulary_facts().languages))
        if not isinstance(table, dict) or not all(isinstance(word, str) for word in table.values()):
            raise StyleError.field(where, table, "a table of texts")
        tables[language] = table
    return tables


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((_DIRECTORY / f"{name}.toml").read_text(encoding="utf-8"))


def _read_ids(value: object, where: str) -> Mapping[str, int]:
    if not isinstance(value, dict) or not all(type(number) is int for number in value.values()):
        raise StyleError.field(where, value, "a table of whole numbers")
    return value
