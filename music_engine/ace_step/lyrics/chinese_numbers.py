"""Numbers in Chinese, and punctuation as commas.

After the rules of the widely used chn_text_norm (2019): dates, money, telephones, fractions, percentages, counted
things, long strings of digits, then every other number. The checkpoint was trained with its quirks: each number found
is replaced where its digits first occur in the line, not where it was found. Source: the ACE-Step v1 reference.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from functools import cache

from music_engine.ace_step.lyrics.tables import chinese_rules

DIGITS = "零一二三四五六七八九"
_SMALL_UNITS = {1: "十", 2: "百", 3: "千", 4: "万"}
_LARGE_UNITS = {8 + 4 * i: unit for i, unit in enumerate("亿兆京垓秭穰沟涧正载")}
_UNITS = {**_SMALL_UNITS, **_LARGE_UNITS}  # power of ten → its sign
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_LETTERS_AROUND_TWO = re.compile(r"[a-zA-Z]+二[a-zA-Z]+")


def digit_by_digit(number: str) -> str:
    """Every digit by itself, as years and telephones are read: "2024" is 二零二四. What is no digit is left out."""
    return "".join(DIGITS[int(character)] for character in number if character.isdecimal())


def cardinal(number: str) -> str:
    """A number as counted: "12.5" is 十二点五, "200" 两百. number: digits, and at most one full stop among them."""
    whole, _, decimals = number.partition(".")
    said = _thousands(whole) if len(whole) > 1 else [digit_by_digit(whole)]
    for index, sign in enumerate(said):
        before = said[index - 1] if index else ""
        after = said[index + 1] if index + 1 < len(said) else ""
        is_leading = not before or (before in _UNITS.values() and before != "十")
        if sign == "二" and is_leading and after in _UNITS.values() and after != "十":
            said[index] = "两"
    text = "".join(said) + (f"点{digit_by_digit(decimals)}" if decimals else "")
    if text.startswith("点"):
        return "零" + text
    return text[1:] if text.startswith("一十") else text


def _thousands(digits: str) -> list[str]:
    """The signs of a whole number of two digits or more; a zero where digits are skipped."""
    significant = digits.lstrip("0")
    if not significant:
        return []
    if len(significant) == 1:
        zero = ["零"] if len(digits) > 1 else []
        return [*zero, digit_by_digit(significant)]
    power = max(power for power in _UNITS if power < len(significant))
    return [*_thousands(digits[:-power]), _UNITS[power], *_thousands(significant[-power:])]


def _date(found: str) -> str:
    year, sign, rest = found.partition("年")
    if not sign:
        year, rest = "", found
    months = re.sub(r"\d+", lambda number: cardinal(number[0]), rest)
    return digit_by_digit(year) + sign + months


def _amounts(found: str) -> str:
    return _NUMBER.sub(lambda number: cardinal(number[0]), found)


def _fraction(found: str) -> str:
    above, below = found.split("/")
    return f"{cardinal(below)}分之{cardinal(above)}"


def _one_of(choices: tuple[str, ...]) -> str:
    return "(?:" + "|".join(map(re.escape, choices)) + ")"


@cache
def _steps() -> tuple[tuple[re.Pattern[str], Callable[[str], str]], ...]:
    """What is looked for, group 1 being what is replaced, in order.

    Where a run of digits does not fit from its beginning it fits from nowhere in it: hence no digit before, which saves
    looking.
    """
    rules = chinese_rules()
    large, whole, small = _one_of(rules.large_units), _one_of(rules.whole_units), _one_of(rules.small_units)
    unit = f"(?:{large}|{large}?{whole}|{small})"
    mobile = r"(?:\+?86 ?)?1(?:[38]\d|5[0-35-9]|7[678]|9[89])\d{8}"
    landline = r"(?:0(?:10|2[1-3]|[3-9]\d{2})-?)?[1-9]\d{6,7}"
    return tuple(
        (re.compile(pattern), say)
        for pattern, say in (
            (r"\D+((?:(?:[089]\d|(?:19|20)\d{2})年)?(?:\d{1,2}月(?:\d{1,2}[日号])?)?)", _date),
            (rf"\D+(\d+(?:\.\d+)?[多余几]?{unit}(?:\d{unit}?)?)", _amounts),
            (rf"\D({mobile})\D", digit_by_digit),
            (rf"\D({landline})\D", digit_by_digit),
            (r"(?<!\d)(\d+/\d+)", _fraction),
            (r"(?<!\d)(\d+(?:\.\d+)?%)", lambda found: f"百分之{cardinal(found.strip('%'))}"),
            (rf"(?<!\d)(\d+(?:\.\d+)?)[多余几]?{_one_of(rules.measures)}", cardinal),
            (r"(\d{4,32})", digit_by_digit),
            (r"(\d+(?:\.\d+)?)", cardinal),
        )
    )


def spell_chinese_numbers(text: str) -> str:
    """The text with its digits in Chinese and every punctuation mark as a comma."""
    text = f"^{text}$".replace("％", "%")  # something that is no digit on either side of every number
    for pattern, say in _steps():
        for found in pattern.findall(text):
            text = text.replace(found, say(found), 1) if found else text
    for found in _LETTERS_AROUND_TWO.findall(text):  # letters with a 2 among them are a name: B2B
        text = text.replace(found, found.replace("二", "2"), 1)
    text = text.lstrip("^").rstrip("$")
    return text.translate(_commas())


@cache
def _commas() -> dict[int, str]:
    return dict.fromkeys(map(ord, chinese_rules().punctuation + string.punctuation), ",")
