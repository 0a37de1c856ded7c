"""Cuts a text into what the vocabulary knows and what it does not.

English words are matched whole, longest first, with hyphens and spaces alike and a plural s; Chinese ones wherever
they stand, longest first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from scoring.key import Key
from scoring.wishes import vocabulary
from scoring.wishes.numbers import find_bpm, find_key
from scoring.wishes.vocabulary import folded

Kind = Literal[
    "instrument", "tempo", "mood", "force", "effect", "genre", "denial", "turn", "alone", "bpm", "key", "mode",
    "unknown", "break",
]  # fmt: skip

_CJK = "\u3400-\u9fff\uf900-\ufaff"
_BREAK = re.compile(r"[,.;:!?。;!?\n\r]")
_WORD = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+(?:['’&+#-][^\W_{_CJK}]+)*")
_PLACEHOLDER = "\x00"  # stands where something has been read already


@dataclass(frozen=True, slots=True)
class Token:
    """A stretch of the text. name: what it means in the vocabulary; text: as it stood there, in small letters.

    is_denied: the word itself says no, as "drumless" does. value: of a tempo (bpm) or a key.
    """

    start: int
    kind: Kind
    name: str
    text: str
    is_denied: bool = False
    value: float | Key | None = None


def cut(text: str) -> list[Token]:
    """The tokens of a text in order; words that say nothing about music are left out."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("♭", "b").replace("♯", "#")
    tokens: list[Token] = []
    for find in (_take_bpm, _take_key):
        while (taken := find(plain)) is not None:
            token, plain = taken
            tokens.append(token)
    known = list(_known(plain))
    tokens += known
    # In "无人声的弦乐" the denial ends with the instrument that 的 closes.
    ends = [token.start + len(token.text) for token in known if token.kind in ("instrument", "effect")]
    tokens += [Token(end, "break", "", "") for end in ends if plain.startswith("的", end)]
    for token in tokens:
        plain = _blank(plain, token.start, token.start + len(token.text))
    tokens += _unknown(plain)
    tokens += [Token(match.start(), "break", "", "") for match in _BREAK.finditer(plain)]
    return sorted(tokens, key=lambda token: token.start)


def _take_bpm(plain: str) -> tuple[Token, str] | None:
    found = find_bpm(plain)
    if found is None:
        return None
    value, (start, end) = found
    return Token(start, "bpm", f"{value:g}", plain[start:end], value=value), _blank(plain, start, end)


def _take_key(plain: str) -> tuple[Token, str] | None:
    found = find_key(plain)
    if found is None:
        return None
    value, (start, end) = found
    kind: Kind = "mode" if isinstance(value, str) else "key"
    key = None if isinstance(value, str) else value
    return Token(start, kind, str(value), plain[start:end], value=key), _blank(plain, start, end)


def _blank(plain: str, start: int, end: int) -> str:
    return plain[:start] + _PLACEHOLDER * (end - start) + plain[end:]


def _known(plain: str) -> Iterator[Token]:
    pattern, meanings = _lexicon()
    for match in pattern.finditer(plain):
        word = match["english"] or match["chinese"]
        key = folded(word)
        kind, name = meanings.get(key) or meanings.get(key.removesuffix("es")) or meanings[key.removesuffix("s")]
        yield Token(match.start(), kind, name, match[0], is_denied=bool(match["after"]))


def _unknown(plain: str) -> Iterator[Token]:
    stops = _stops()
    for match in _WORD.finditer(plain):
        if re.match(f"[{_CJK}]", match[0]):
            yield from _unknown_chinese(match[0], match.start())
        elif match[0] not in stops:
            yield Token(match.start(), "unknown", match[0], match[0])


def _unknown_chinese(run: str, start: int) -> Iterator[Token]:
    """What is left of a run of characters when the stop words are taken out, longest first."""
    for match in re.finditer(rf"[^{_PLACEHOLDER}]+", _chinese_stops().sub(lambda m: _PLACEHOLDER * len(m[0]), run)):
        yield Token(start + match.start(), "unknown", match[0], match[0])


@cache
def _stops() -> frozenset[str]:
    return frozenset(vocabulary.grammar().stops)


@cache
def _chinese_stops() -> re.Pattern[str]:
    return re.compile("|".join(sorted((s for s in _stops() if not s.isascii()), key=len, reverse=True)))


@cache
def _lexicon() -> tuple[re.Pattern[str], dict[str, tuple[Kind, str]]]:
    """One pattern for every word there is, and folded word → (kind, name). The first meaning given counts."""
    meanings: dict[str, tuple[Kind, str]] = {}
    english: list[str] = []
    chinese: list[str] = []
    for kind, name, word in _entries():
        if meanings.setdefault(folded(word), (kind, name)) == (kind, name):
            (english if word.isascii() else chinese).append(word)
    return re.compile(
        rf"(?<![^\W_{_CJK}])(?P<english>{_any(english)})(?:e?s)?(?P<after>{_after()})?(?![^\W_{_CJK}])"
        rf"|(?P<chinese>{_any(chinese)})"
    ), meanings


def _entries() -> Iterator[tuple[Kind, str, str]]:
    grammar, words = vocabulary.grammar(), vocabulary.words()
    for kind, own in (("denial", grammar.denials), ("alone", grammar.alone), ("turn", grammar.turns)):
        yield from ((kind, "", word) for word in own)  # type: ignore[misc]
    for instrument in vocabulary.instruments().values():
        yield from (("instrument", instrument.name, word) for word in instrument.words)
    for number, tempo in enumerate(words.tempos):
        yield from (("tempo", str(number), word) for word in tempo.words)
    for mood, own in vocabulary.mood_words().items():
        yield from (("mood", mood, word) for word in own)
    for force, own in words.forces.items():
        yield from (("force", force, word) for word in own)
    for effect in words.effects:
        yield from (("effect", effect.name, word) for word in effect.words)
    for genre in words.genres:
        yield from (("genre", genre.name, word) for word in genre.words)


def _any(words: list[str]) -> str:
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(r"[\s\-]*".join(re.escape(part) for part in word.split()) for word in ordered)


def _after() -> str:
    joined = "|".join(vocabulary.grammar().denials_after)
    return rf"-(?:{joined})|less|\s+free"
