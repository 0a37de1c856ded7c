"""The pieces of a line, each of one language, and what every language is counted for."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

_PUNCTUATION = re.compile(r"[^\w\s]+")


@dataclass(slots=True)
class Piece:
    """text: as counted. language: ISO 639-1, or several that a neighbour decides between, the preferred first."""

    text: str
    language: str
    others: tuple[str, ...] = ()

    @property
    def is_undecided(self) -> bool:
        """Whether a neighbour decides."""
        return bool(self.others)


@dataclass(slots=True)
class Pieces:
    """The pieces of a line as they are found, and what each language has been counted for."""

    found: list[Piece] = field(default_factory=list)
    waiting: Piece | None = None
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, piece: Piece) -> None:
        """Take the next piece; one that is undecided waits for the piece after it."""
        if not piece.text.strip():
            return
        if piece.language == "en" and not piece.is_undecided:
            piece = Piece(_spaced(piece.text), "en")
        waiting, self.waiting = self.waiting, None
        if waiting is not None:
            piece = self._decide(waiting, piece)
        if piece.is_undecided:
            self.waiting = piece
        else:
            self._keep(piece)

    def _decide(self, waiting: Piece, after: Piece) -> Piece:
        choices = (waiting.language, *waiting.others)
        if (after.language, *after.others) == choices:
            after = Piece(after.text, after.language)
            waiting.language = after.language
        elif not after.is_undecided and after.language in choices:
            waiting.language = after.language
        self._keep(Piece(waiting.text, waiting.language))
        return after

    def _keep(self, piece: Piece) -> None:
        if self.found:
            before = self.found[-1]
            if is_bare(piece.text):
                piece.language = before.language
            if before.language == piece.language:
                self._count(piece.language, piece.text)
                before.text += piece.text
                return
            if is_bare(before.text):  # counted again, as the beginning of this piece
                piece.text = before.text + piece.text
                self.found.pop()
        self.found.append(piece)
        self._count(piece.language, piece.text)

    def _count(self, language: str, text: str) -> None:
        self.counts[language] += len(text) * (2 if language == "zh" else 1)


def _spaced(text: str) -> str:
    """English as the reference counts it: a blank before every capital inside a word, and one at the end."""
    return re.sub(r"(?<!\b)([A-Z])", r" \1", text).strip("-") + " "


def is_bare(text: str) -> bool:
    """Whether a text is digits and punctuation only."""
    return not re.sub(r"\d+", "", without_punctuation(text))


def without_punctuation(text: str) -> str:
    """Its words and the blanks between them."""
    return _PUNCTUATION.sub("", text).strip()
