"""Which of the languages with a lexicon a text is in, by its script and its commonest small words."""

from __future__ import annotations

import re

from scoring.text.feeling import Language
from scoring.text.lexicon import english
from scoring.text.marks import HAN

_HAN = re.compile(f"[{HAN}]")
_KANA_OR_HANGUL = re.compile("[\u3040-\u30ff\uac00-\ud7af\u1100-\u11ff]")
_LATIN_WORD = re.compile(r"[a-zA-Z\u00c0-\u024f]+(?:['’][a-zA-Z]+)?")
_OTHER_LETTER = re.compile("[\u0370-\u1fff\ua000-\uabff]")
# Design choices. Running English has about one word in three on the lexicon's list of small words, film dialogue one in
# four, French and German under one in twenty; a single line or a title says too little to tell, and is believed.
_TELLING_WORDS = 25
_SMALL_SHARE = 0.10
_KANA_SHARE = 0.05


def language_of(text: str) -> Language:
    """ "zh", "en", "other" for anything else, "" where there are no letters."""
    han = len(_HAN.findall(text))
    kana = len(_KANA_OR_HANGUL.findall(text))
    latin = [word.casefold().replace("’", "'") for word in _LATIN_WORD.findall(text)]
    others = len(_OTHER_LETTER.findall(text))
    if kana > _KANA_SHARE * (han + kana) or others > han + 4 * len(latin):
        return "other"
    if han > len(latin):
        return "zh"
    if not latin:
        return ""
    small = sum(word in english().small_words for word in latin)
    return "other" if len(latin) >= _TELLING_WORDS and small < _SMALL_SHARE * len(latin) else "en"
