"""Numbers, spelled as they are sung, in every language but Chinese, Japanese and Hindi.

Grouped thousands, money, decimals, ordinals, then what digits are left, in this order: an order that the checkpoint was
trained with and that has surprises (docs/ace-step-lyrics.md lists them). Source: the ACE-Step v1 reference.
"""

from __future__ import annotations

import re
from functools import partial

from music_engine.ace_step.compat import Compat
from music_engine.ace_step.lyrics.libraries import library
from music_engine.ace_step.lyrics.tables import NumberRules, number_rules

# "dot" takes any character before three digits for the mark between thousands, as the reference does.
_GROUPED = {
    "comma": re.compile(r"\b\d{1,3}(,\d{3})*(\.\d+)?\b"),
    "dot": re.compile(r"\b\d{1,3}(.\d{3})*(\,\d+)?\b"),
}
_MARK = {"comma": ",", "dot": "."}
_MONEY = {
    currency: re.compile(rf"{sign}[0-9.,]*[0-9]+|[0-9.,]*[0-9]+{sign}")
    for currency, sign in (("GBP", "£"), ("USD", r"\$"), ("EUR", "€"))
}
_DECIMAL = re.compile(r"([0-9]+[.,][0-9]+)")
_DIGITS = re.compile(r"[0-9]+")


def spell_numbers(text: str, language: str, compat: Compat = "fixed") -> str:
    """The text with its digits in words.

    language: one of data/numbers.toml. compat: "reference" asks num2words for Czech by a code that it does not have.
    Raises what num2words raises (NotImplementedError, OverflowError and others) on numbers it has no words for;
    EngineUnavailable where num2words is not installed.
    """
    if not _DIGITS.search(text):
        return text
    return _Speller(number_rules()[language], compat).spell(text)


class _Speller:
    def __init__(self, rules: NumberRules, compat: Compat) -> None:
        self.rules = rules
        self.code = rules.reference_code if compat == "reference" and rules.reference_code else rules.code
        self.words = library("num2words", "numbers in lyrics").num2words

    def spell(self, text: str) -> str:
        mark = _MARK[self.rules.group]
        text = _GROUPED[self.rules.group].sub(lambda found: found[0].replace(mark, ""), text)
        text = self._spell_money(text)
        if self.rules.has_decimals:
            text = _DECIMAL.sub(lambda found: self._say(float(found[0].replace(",", "."))), text)
        ordinal = re.compile(rf"([0-9]+){self.rules.ordinal}")
        text = ordinal.sub(lambda found: self._say(int(found[1]), ordinal=True), text)
        return _DIGITS.sub(lambda found: self._say(int(found[0])), text)

    def _say(self, number: float, **how: object) -> str:
        return str(self.words(number, lang=self.code, **how))

    def _spell_money(self, text: str) -> str:
        for currency, pattern in _MONEY.items():
            try:
                text = pattern.sub(partial(self._say_money, currency), text)
            except (
                Exception
            ):  # num2words raises many kinds; a language without this currency leaves the rest as written
                return text
        return text

    def _say_money(self, currency: str, found: re.Match[str]) -> str:
        value = float(re.sub(r"[^\d.]", "", found[0].replace(",", ".")))
        said = self._say(value, to="currency", currency=currency)
        if value.is_integer() and self.rules.joiner in said:
            said = said[: said.rindex(self.rules.joiner)]  # "… and nothing hundredths" is not sung
        return said
