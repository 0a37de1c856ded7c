"""Bytes of a text file to text: its marks first, then what the bytes can be."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from scoring.errors import TextError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOKED_AT_BYTES = 65536
# The characters Chinese is full of, simplified and traditional: a wrong decoder gives rare ones instead.
_USUAL = frozenset(
    "的一是了我不在人有他这这個个们們上来來到时時大地为為子中你说說生国國年着就那和要她出也里后自以会會去没沒吗嗎什么麼好，。？！"
)
_USUAL_SHARE = 0.10  # design choice: of running Chinese, these are one character in three


@dataclass(frozen=True, slots=True)
class Decoded:
    """text: lines end with a line feed. encoding: what it was read as, for people."""

    text: str
    encoding: str


def decode(data: bytes, where: str) -> Decoded:
    """The text of a file: by its mark, as UTF-8, as UTF-16 without a mark, as GB18030 or Big5, else Windows-1252.

    Raises TextError where it is no text: NUL bytes, or control characters in plenty.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _checked(_decoded(data, encoding, where), encoding.removesuffix("-sig"), where)
    for encoding in _candidates(data):
        try:
            return _checked(data.decode(encoding), encoding, where)
        except UnicodeDecodeError:
            continue
    return _checked(data.decode("cp1252", "replace"), "cp1252", where)


def _candidates(data: bytes) -> Iterator[str]:
    yield "utf-8"
    head = data[:_LOOKED_AT_BYTES]
    if head[1::2].count(0) > 0.4 * len(head[1::2]):
        yield "utf-16-le"
    if head[0::2].count(0) > 0.4 * len(head[0::2]):
        yield "utf-16-be"
    shares = {encoding: _usual_share(data, encoding) for encoding in ("gb18030", "big5")}
    yield from (e for e in sorted(shares, key=lambda e: -shares[e]) if shares[e] >= _USUAL_SHARE)


def _usual_share(data: bytes, encoding: str) -> float:
    """How many of the characters that are no ASCII are usual ones, once decoded."""
    text = data[:_LOOKED_AT_BYTES].decode(encoding, "ignore")
    wide = [character for character in text if ord(character) > 127]
    return sum(character in _USUAL for character in wide) / len(wide) if wide else 0.0


def _decoded(data: bytes, encoding: str, where: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise TextError(f"{where} says it is {encoding}, but is not ({error.reason})", "Save it as UTF-8") from error


def _checked(text: str, encoding: str, where: str) -> Decoded:
    odd = sum(text.count(chr(code)) for code in range(32) if chr(code) not in "\t\n\r\f\x0b\x1a")
    if "\0" in text or odd > 0.01 * len(text):
        raise TextError(f"{where} is not text", "Give subtitles (.srt, .vtt, .ass) or a plain text file, best in UTF-8")
    return Decoded(text.replace("\r\n", "\n").replace("\r", "\n"), encoding)
