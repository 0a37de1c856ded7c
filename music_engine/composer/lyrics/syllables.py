"""Syllables of a line of words in any script, and which of them are stressed.

English: groups of vowels, without the silent e and with the vowels that are said apart, after the rules that spelling
teachers give; common words they miss stand in data/syllables.toml. Chinese: one a character; Japanese kana: one a mora;
Korean: one a block. Scripts that write no vowels, or hang them on consonants, are counted by their letters.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

_CJK = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_KANA = "\u3041-\u3096\u30a1-\u30fa\u30fc"
_HANGUL = "\uac00-\ud7a3"
_SILENT_ES = re.compile(r"(?<![sxzcg])(?<!ch)(?<!sh)es$")
# The e of "lonely" and "lifetime": silent within a word, before an ending or another word.
_INNER_E = re.compile(
    r"(?:(?<=[aeiouy][bcdfghjklmnprstvz])|(?<=[aeiouy][bcdfghjklmnprstvz][bcdfghjkmnprstvz]))e"
    r"(?=ly|ment|ful|less|ness|some|where|time|one|thing|how|body|yard|stone|keep|maker|work|crow|dom|like|ward|guard|free)"
)
# Vowels side by side that are two syllables.
_APART = (
    re.compile(r"(?<![tcsgx])(?<!ll)i(?:a|o|u)(?!gh)"),  # radio, but not nation and million
    re.compile(r"[aeou]ing(?:s|ly)?$"),  # going
    re.compile(r"[aeo]y[aeiou](?!d?$)"),  # player, but not played
    re.compile(r"i(?:et|er|est)"),  # quiet, happier
    re.compile(r"(?<!g)eo(?![uls]?$)|uou|(?<![gq])ua(?!de|ve)|ao"),  # video, usual, chaos
    re.compile(r"crea(?=t(?!ur))|ruin|luid|suici|[ct]iat|[cs]iar|siasm|siast|oic$|oe[mt]"),  # create, ruin, poem
    re.compile(r"^re(?:a(?:ss|pp|ct|li)|un|in[a-z]{3})"),  # reunite
    re.compile(r"(?:th|s)ms?$"),  # rhythm, prism
    re.compile(r"(?<=[dst])n['’]t$"),  # couldn't
)
_MOST = 12  # syllables of a word; what has more is no word


@dataclass(frozen=True, slots=True)
class Syllable:
    """One note's worth of words. text: the word or character it belongs to; is_stressed: where the ear leans."""

    text: str
    is_stressed: bool


def syllables_of(line: str, *, is_english: bool = True) -> tuple[Syllable, ...]:
    """Those of a line, in order; none where it has no letter and no digit. A digit counts as one.

    is_english: whether Latin letters are read by English rules, else every group of vowels counts.
    """
    found: list[Syllable] = []
    for number, token in enumerate(_tokens(line)):
        if _is_single(token):
            found.append(Syllable(token, number % 2 == 0))
            continue
        count = syllable_count(token, is_english=is_english)
        strong = _stressed_place(token, count, is_english)
        found += [Syllable(token, place == strong) for place in range(count)]
    if found and not any(syllable.is_stressed for syllable in found):
        found[-1] = Syllable(found[-1].text, True)
    return tuple(found)


def syllable_count(word: str, *, is_english: bool = True) -> int:
    """At least 1, for any word without blanks."""
    plain = unicodedata.normalize("NFC", word).lower().replace("’", "'")
    if re.match(f"[{_KANA}]", plain):
        count = sum(character not in _vowels()["small_kana"] for character in plain)
    elif re.match(f"[{_HANGUL}]", plain):
        count = len(plain)
    elif is_english and plain.isascii():
        count = _english(plain)
    else:
        count = _by_vowels(plain)
    return min(max(count, 1), _MOST)


def is_english(text: str) -> bool:
    """Whether the Latin letters of a text are most likely English: no letters it lacks, few foreign small words."""
    letters = [c for c in text.lower() if c.isalpha() and "LATIN" in unicodedata.name(c, "")]
    if any(ord(c) > 0x7F for c in letters):
        return False
    words = set(re.findall(r"[a-z]+", text.lower()))
    return len(words & set(_data()["others"]["words"])) < 2


def _tokens(line: str) -> Iterator[str]:
    for match in _token().finditer(unicodedata.normalize("NFC", line)):
        yield match[0]


@cache
def _token() -> re.Pattern[str]:
    """A character, a run of kana or of Hangul, a word of any other script with the marks on its letters, a digit."""
    marks = "".join(re.escape(chr(c)) for c in range(0x300, 0x10000) if unicodedata.category(chr(c)) in ("Mn", "Mc"))
    letter = rf"[^\W\d_{_CJK}{_KANA}{_HANGUL}]"
    return re.compile(rf"[{_CJK}]|[{_KANA}]+|[{_HANGUL}]+|{letter}(?:{letter}|[{marks}]|['’](?={letter}))*|\d")


def _is_single(token: str) -> bool:
    return len(token) == 1 and (token.isdigit() or bool(re.match(f"[{_CJK}]", token)))


def _english(word: str) -> int:
    listed = _counts().get(word) or _counts().get(word.removesuffix("'s"))
    if listed:
        return listed
    bare = _INNER_E.sub("", word.removesuffix("'s").removesuffix("'"))
    groups = len(re.findall(r"[aeiouy]+", bare))
    if groups > 1:
        groups -= _ends_silently(bare)
    return groups + sum(len(pattern.findall(bare)) for pattern in _APART)


def _ends_silently(word: str) -> bool:
    """Whether its last vowel is an e that nobody says: "home", "loved", "times", but not "table" or "wanted"."""
    if word.endswith(("gue", "que")):
        return True
    if word.endswith("e"):
        return bool(re.search(r"[^aeiouy]e$", word)) and not re.search(r"[^aeiouylrw]le$", word)
    if word.endswith("ed"):
        return bool(re.search(r"[^aeiouytd]ed$", word)) and not re.search(r"[^aeiouyl][lr]ed$", word)
    return bool(re.search(r"[^aeiouy]es$", word) and _SILENT_ES.search(word) and not re.search(r"[^aeiouyl]les$", word))


def _by_vowels(word: str) -> int:
    """Groups of vowels; where a script writes none, a syllable for every letter that begins one."""
    decomposed = unicodedata.normalize("NFD", word)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    written = "".join(_vowels()[name] for name in ("latin", "cyrillic", "greek"))
    # Cyrillic vowels never share a syllable; Latin and Greek ones mostly do.
    apart = sum(c in _vowels()["cyrillic"] for c in word)
    together = len(re.findall(f"[{_vowels()['latin']}{_vowels()['greek']}]+", bare))
    if apart or together or any(c in written for c in bare):
        return apart or together
    letters = [i for i, c in enumerate(decomposed) if unicodedata.category(c) == "Lo"]
    if not letters:
        return 1
    if any(unicodedata.name(decomposed[i], "").startswith(("ARABIC", "HEBREW", "SYRIAC")) for i in letters):
        return (len(letters) + 1) // 2  # consonants alone are written: about two a syllable
    joined = sum("VIRAMA" in unicodedata.name(c, "") for c in decomposed)
    return len(letters) - joined


def _stressed_place(word: str, count: int, is_english: bool) -> int:
    """Which syllable of a word is stressed, or −1 for none. First or second in English, last but one elsewhere."""
    plain = word.lower().replace("’", "'")
    if is_english and plain in _weak():
        return -1
    if count == 1:
        return 0
    if not is_english:
        return count - 2
    has_prefix = any(plain.startswith(prefix) for prefix in _data()["english"]["prefixes"])
    return 1 if has_prefix and count == 2 and len(plain) > 4 else 0


@cache
def _data() -> Mapping[str, Any]:
    text = (resources.files("music_engine.composer.lyrics") / "data" / "syllables.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _counts() -> Mapping[str, int]:
    return {word: int(count) for count, words in _data()["counts"].items() for word in words}


@cache
def _weak() -> frozenset[str]:
    return frozenset(_data()["english"]["weak"])


def _vowels() -> Mapping[str, str]:
    vowels: Mapping[str, str] = _data()["vowels"]
    return vowels
