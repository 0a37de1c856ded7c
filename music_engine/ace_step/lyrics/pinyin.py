"""Chinese as pinyin with the tone's digit after each syllable: 我爱你 is wo3ai4ni3."""

from __future__ import annotations

import re

from music_engine.ace_step.lyrics.libraries import library

# A syllable of Hanyu Pinyin with its tone, 5 being the neutral one. ü may be written v, as pypinyin does.
_INITIAL = "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
_FINAL = (
    "(?:iang|iong|uang|ang|eng|ing|ong|iao|ian|uai|uan|[üv]an|an|en|in|un|[üv]n|ai|ei|ui|ao|ou|iu|ie|[üv]e|ue|er|ia|ua"
    "|uo|a|o|e|i|u|ü|v)"
)
_SYLLABLE = f"{_INITIAL}{_FINAL}[1-5]"
_WORD = f"(?<![a-zü0-9])(?:{_SYLLABLE})+(?![a-zü0-9])"
_WORDS = re.compile(rf"{_WORD}(?:[ ']+{_WORD})*", re.IGNORECASE)


def romanise_chinese(text: str) -> str:
    """Han characters as toned syllables without blanks between them; everything else as it is.

    Raises EngineUnavailable where pypinyin is not installed.
    """
    pypinyin = library("pypinyin", "Chinese lyrics")
    syllables = pypinyin.pinyin(text, style=pypinyin.Style.TONE3, heteronym=False, neutral_tone_with_five=True)
    return "".join(syllable for (syllable, *_) in syllables)


def is_pinyin(text: str) -> bool:
    """Whether a line is toned pinyin and nothing else but punctuation: "wo3 ai4 ni3", not "mp3" and not "la1"."""
    rest = _WORDS.sub("", text)
    return not re.search(r"\w", rest) and len(re.findall("[1-5]", text)) > 1


def split_pinyin(text: str) -> list[tuple[str, bool]]:
    """A text cut into (part, whether it is pinyin already); pinyin comes out as the reference spells Chinese.

    That is in lower case, ü as v, with no blank between syllables, so that it gets the ids of the characters it stands
    for.
    """
    parts: list[tuple[str, bool]] = []
    end = 0
    for found in _WORDS.finditer(text):
        parts.append((text[end : found.start()], False))
        parts.append((re.sub(r"[ ']+", "", found[0]).lower().replace("ü", "v"), True))
        end = found.end()
    parts.append((text[end:], False))
    return [part for part in parts if part[0]]
