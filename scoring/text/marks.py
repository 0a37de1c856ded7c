"""Cuts a text into marks: words that feel, words that bend the feeling of others, clause and sentence ends."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from scoring.text import lexicon
from scoring.text.lexicon import Meaning

Kind = Literal["plain", "feeling", "negator", "degree", "turn", "clause", "sentence"]

HAN = "\u3400-\u9fff\uf900-\ufaff"
_PIECE = re.compile(
    rf"(?P<han>[{HAN}]+)|(?P<word>[^\W\d_{HAN}]+(?:'[^\W\d_{HAN}]+)*)|(?P<number>\d+(?:[.,:]\d+)*)"
    r"|(?P<sentence>[.!?。…\n\r]+)|(?P<clause>[,;:、()\[\]{}–—]|(?<=\s)-+(?=\s))"
)
_APOSTROPHES = str.maketrans("’‘`´ʼ", "'''''")
_MOST_SHOUTS = 3
_PLAIN = Meaning("plain")


@dataclass(frozen=True, slots=True)
class Mark:
    """A word or a boundary. text: as it stood. shouts: exclamation marks of a sentence end; is_loud: in capitals."""

    kind: Kind
    text: str
    meaning: Meaning = _PLAIN
    shouts: int = 0
    is_loud: bool = False


def cut(text: str) -> list[Mark]:
    """The marks of a text in order. Chinese is matched longest word first, English longest phrase first."""
    plain = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES)
    may_be_loud = any(letter.islower() for letter in plain)  # where everything is in capitals they mean nothing
    marks: list[Mark] = []
    words: list[str] = []
    for piece in _PIECE.finditer(plain):
        if piece.lastgroup == "word":
            words.append(piece[0])
            continue
        marks += _english(words, may_be_loud=may_be_loud)
        words = []
        if piece.lastgroup == "han":
            marks += _chinese(piece[0])
        elif piece.lastgroup == "number":
            marks.append(Mark("plain", piece[0]))
        elif piece.lastgroup == "clause":
            marks.append(Mark("clause", piece[0]))
        else:
            marks.append(Mark("sentence", piece[0], shouts=min(piece[0].count("!"), _MOST_SHOUTS)))
    return marks + list(_english(words, may_be_loud=may_be_loud))


def _english(words: list[str], *, may_be_loud: bool) -> Iterator[Mark]:
    known = lexicon.english()
    small = [word.casefold() for word in words]
    start = 0
    while start < len(words):
        for length in range(min(known.longest, len(words) - start), 0, -1):
            meaning = known.meanings.get(" ".join(small[start : start + length]))
            if meaning is None and length == 1:
                meaning = _single(small[start])
            if meaning is not None:
                own = words[start : start + length]
                is_loud = may_be_loud and all(word.isupper() and len(word) > 2 for word in own)
                yield Mark(meaning.part, " ".join(own), meaning, is_loud=is_loud)
                start += length
                break


def _single(word: str) -> Meaning:
    """A word that stands in no list as it is: a short form with n't or 's, or a plain one."""
    if word.endswith("n't") or word in ("dont", "cant", "wont", "isnt", "didnt", "doesnt"):
        return Meaning("negator")
    return lexicon.english().meanings.get(word.partition("'")[0], _PLAIN)


def _chinese(run: str) -> Iterator[Mark]:
    known = lexicon.chinese()
    folded = run.translate(known.folding)
    start = 0
    while start < len(run):
        for length in range(min(known.longest, len(run) - start), 0, -1):
            meaning = known.meanings.get(folded[start : start + length])
            if meaning is not None:
                break
        else:
            meaning = _PLAIN
        yield Mark(meaning.part, run[start : start + length], meaning)
        start += length
