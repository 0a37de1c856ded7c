"""Tempi and keys as people write them: "60 BPM", "每分钟90拍", "A minor", "降B大调"."""

from __future__ import annotations

import re
import unicodedata

from scoring.key import MODES, Key

Span = tuple[int, int]

_NUMBER = r"([0-9]+(?:\.[0-9]+)?)"
_BPM = re.compile(
    rf"{_NUMBER}\s*(?:bpm\b|beats\s+(?:per|a)\s+minute|拍\s*/\s*分|拍每分)|\bbpm\s*[:=]?\s*{_NUMBER}|每分[钟鐘]\s*{_NUMBER}\s*拍",
    re.IGNORECASE,
)
_MODES = {"maj": "major", "min": "minor", "ionian": "major", "aeolian": "minor", **{mode: mode for mode in MODES}}
_ENGLISH_KEY = re.compile(
    r"(?<![a-z0-9])(?:key\s+of\s+)?([a-g])(#|b|\s*-?sharp|\s*-?flat)?[\s\-]+("
    + "|".join(sorted(_MODES, key=len, reverse=True))
    + r")(?![a-z])"
)
_BARE_KEY = re.compile(r"(?<![a-z0-9])key\s+of\s+([a-g])(#|b|\s*-?sharp|\s*-?flat)?(?![a-z0-9])")
_CHINESE_KEY = re.compile(r"([升降]?)([a-g])(#|b)?\s*(大|小)[调調]")
_ENGLISH_MODE = re.compile(r"(?<![a-z0-9])(major|minor)[\s\-]+(?:key|mode|tonality)(?![a-z])")
_IN_A_MODE = re.compile(r"(?<![a-z0-9])in\s+a\s+(major|minor)[\s\-]+(?:key|mode|tonality)(?![a-z])")
_CHINESE_MODE = re.compile(r"(大|小)[调調]")


def asked_bpm(prompt: str) -> float | None:
    """The first tempo a prompt names: "60 BPM", "bpm: 60", "90 beats per minute", "每分钟90拍", or None."""
    found = find_bpm(unicodedata.normalize("NFKC", prompt))
    return found[0] if found else None


def find_bpm(text: str) -> tuple[float, Span] | None:
    """The first tempo in a normalised text, and where it stands."""
    match = _BPM.search(text)
    if match is None:
        return None
    return next(float(number) for number in match.groups() if number), match.span()


def find_key(text: str) -> tuple[Key | str, Span] | None:
    """The first key in a text in small letters, or the name of a mode where no tonic stands by it; and where it is."""
    in_a_mode = _IN_A_MODE.search(text)  # before the keys: "in a minor key" names no A
    if in_a_mode:
        return in_a_mode[1], in_a_mode.span()
    english = _ENGLISH_KEY.search(text)
    if english:
        return Key.parse(f"{english[1].upper()}{_accidental(english[2])} {_MODES[english[3]]}"), english.span()
    bare = _BARE_KEY.search(text)
    if bare:
        return Key.parse(bare[1].upper() + _accidental(bare[2])), bare.span()
    mode = _ENGLISH_MODE.search(text)
    if mode:
        return mode[1], mode.span()
    chinese = _CHINESE_KEY.search(text)
    if chinese:
        accidental = {"升": "#", "降": "b"}.get(chinese[1], chinese[3] or "")
        return Key.parse(f"{chinese[2].upper()}{accidental} {_chinese_mode(chinese[4])}"), chinese.span()
    bare_mode = _CHINESE_MODE.search(text)
    return (_chinese_mode(bare_mode[1]), bare_mode.span()) if bare_mode else None


def _accidental(found: str | None) -> str:
    if not found:
        return ""
    return "#" if "#" in found or "sharp" in found else "b"


def _chinese_mode(sign: str) -> str:
    return "major" if sign == "大" else "minor"
