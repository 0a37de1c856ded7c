"""A line cut into pieces of one language each, and how many characters each language has.

The languages of the lyrics a v1 checkpoint was trained on were found by the public project LangSegment (juntaosun,
about version 0.3.5) on top of py3langid; what is here finds the same pieces in the same order, quirks included, because
the first token of every line is its language. Sources: the ACE-Step v1 reference; LangSegment's published behaviour.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from music_engine.ace_step.lyrics.language_model import guess
from music_engine.ace_step.lyrics.pieces import Piece, Pieces, without_punctuation

# Letters beyond a to z that belong to a Latin run: those of French and Vietnamese, lower case only.
_LATIN = (
    "a-zA-Z" + "àáâãäåæçèéêëìíîïðñòóôõöùúûüýþÿ" + "đơưăáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựôâêơưỷỹ"
)
_TAGGED = re.compile(r"<(?P<language>[a-zA-Z|-]*)>(?P<text>.*?)</*[a-zA-Z|-]*>")
_NUMBER = re.compile(r"\W*\d+\W+\d*\W*\d*")
_QUOTED = re.compile(r"(?P<quote>[\"'])(?P<text>.*?)(?P=quote)")
_BRACKETED = re.compile(r"\n*[【《（(“‘](?P<text>[^【《（(“‘’”)）》】]{3,})[’”)）》】][\W\s]*\n?")
_SENTENCE = re.compile(r"(.*?[。.?？!！]+\n?)")
_HAN = re.compile("[\u4e00-\u9fff]")
_KANA = re.compile("[\u3040-\u30ff]")

CERTAIN = 0.90  # a short piece with Han characters is believed above this
PREFERENCE_BELOW = 0.89  # under this, Japanese is preferred to Chinese, being first in the reference's list
AMBIGUOUS_CHARACTERS = 5  # as short as this, Han characters may be Chinese or Japanese
SHORT_CHARACTERS = 2  # as short as this, a piece is glued to the next

# A span that was cut out leaves a mark, so that later patterns stop at it: a circled digit is a word character that
# none of them takes.
_MARK = re.compile(r"(⑥\$\d{7,}⑥)")
_MARK_SIGN, _SIGN_LIKE_IT = "⑥⑤"


def _run_of(letters: str) -> re.Pattern[str]:
    """A run of words in these letters, with the quotes and brackets before each and whatever is no word after it."""
    return re.compile(rf"(?:[【《（(“‘\"']*[{letters}]+[\W\s]*)+")


_KOREAN = _run_of("\uac00-\ud7a3")
_THAI = _run_of("\u0e00-\u0e7f")
_RUSSIAN = _run_of("А-Яа-яЁё")
_LATIN_RUN = _run_of(_LATIN)


def _condensed(text: str) -> str:
    """What is shown to langid: runs that are no words become a blank, repeated characters one."""
    return re.sub(r"(.)\1+", r"\1", re.sub(r"\W+", " ", text)).strip()


class _Segmentation:
    """One line being cut. Spans are cut out in the order of the passes, then read from left to right."""

    def __init__(self, text: str) -> None:
        self.pieces = Pieces()
        self.spans: dict[str, Callable[[], None]] = {}
        self.is_last = False
        text = text.replace(_MARK_SIGN, _SIGN_LIKE_IT)  # or a lyric could name a span
        for name, (pattern, reader) in enumerate(self._passes()):
            text = self._cut(text, name, pattern, reader)
        self._read(text, is_whole_line=True)

    def _passes(self) -> list[tuple[re.Pattern[str], Callable[[re.Match[str]], None]]]:
        return [
            (_TAGGED, lambda found: self.pieces.add(Piece(found["text"], found["language"].lower()))),
            (_KOREAN, lambda found: self.pieces.add(Piece(found[0], "ko"))),
            (_THAI, lambda found: self.pieces.add(Piece(found[0], "th"))),
            (_RUSSIAN, lambda found: self.pieces.add(Piece(found[0], "ru"))),
            (_NUMBER, self._read_number),
            (_LATIN_RUN, lambda found: self._read_latin(found[0])),
            (_QUOTED, self._read_quoted),
            (_BRACKETED, self._read_quoted),
        ]

    def _cut(self, text: str, name: int, pattern: re.Pattern[str], reader: Callable[[re.Match[str]], None]) -> str:
        first = pattern.match(text)
        if first and first.end() == len(text) and pattern in (_NUMBER, _QUOTED, _BRACKETED):
            return text  # the whole line is one such span: left to what reads the rest

        def replace(found: re.Match[str]) -> str:
            mark = f"⑥${name}{len(self.spans):06d}⑥"
            self.spans[mark] = lambda: reader(found)
            return mark

        return pattern.sub(replace, text)

    def _read(self, text: str, *, is_whole_line: bool) -> None:
        parts = _MARK.split(text)
        for index, part in enumerate(parts):
            if is_whole_line:
                self.is_last = index == len(parts) - 1
            if part in self.spans:
                self.spans[part]()
            else:
                self._read_rest(part)

    def _read_number(self, found: re.Match[str]) -> None:
        """Numbers are of the language the line began in; where they begin it, Chinese."""
        self.pieces.add(Piece(found[0], self.pieces.found[0].language if self.pieces.found else "zh"))

    def _read_latin(self, text: str) -> None:
        for sentence in _SENTENCE.split(text):
            if sentence.strip():
                self.pieces.add(Piece(sentence, guess(_condensed(sentence)).language))

    def _read_quoted(self, found: re.Match[str]) -> None:
        if _MARK.search(found[0]):
            self._read(found[0], is_whole_line=False)
            return
        condensed = _condensed(found["text"])
        if len(condensed) <= AMBIGUOUS_CHARACTERS:
            self._read_rest(found[0])
        else:
            self.pieces.add(Piece(found[0], guess(condensed).language))

    def _read_rest(self, text: str) -> None:
        """Han, kana, Arabic, Devanagari and what else no pass has cut out."""
        parts = re.split(r"([^\w\s]+)", text)
        for index, part in enumerate(parts):
            if not part:
                continue
            is_end = index == len(parts) - 1
            condensed = _condensed(re.sub(r"\d+", "", part))
            if not is_end:
                after = parts[index + 1]
                is_glued = (
                    not without_punctuation(part)
                    or not without_punctuation(after)
                    or len(condensed) <= SHORT_CHARACTERS
                )
                if is_glued:
                    parts[index + 1] = part + after
                    continue
            self.pieces.add(self._judge(part, condensed, is_end=is_end))

    def _judge(self, part: str, condensed: str, *, is_end: bool) -> Piece:
        """The language of a piece that is not Latin.

        condensed: what langid sees of it; nothing where the piece is digits and punctuation, which is Chinese then.
        """
        guessed = guess(condensed)
        language, confidence = guessed.language, guessed.confidence
        if language != "zh" and all(map(_HAN.match, condensed.replace(" ", ""))):
            language, confidence = "zh", 1.0
        if len(condensed) > AMBIGUOUS_CHARACTERS or not _HAN.search(condensed):
            return Piece(part, language)
        if confidence < PREFERENCE_BELOW or _KANA.search(condensed):
            language = "ja"
        if _KANA.search(condensed) or (len(condensed) > SHORT_CHARACTERS and confidence > CERTAIN):
            return Piece(part, language)
        if is_end and self.is_last:
            return Piece(part, "zh" if len(condensed) <= 1 else language)
        return self._undecided(part, condensed, language)

    def _undecided(self, part: str, condensed: str, language: str) -> Piece:
        before = self.pieces.found[-1].language if self.pieces.found else None
        if part.strip()[-1] in "。.":
            return Piece(part, before if before in ("zh", "ja") else language)
        if language == "zh" or (len(condensed) <= SHORT_CHARACTERS and before == "zh"):
            return Piece(part, "zh", ("ja",))
        return Piece(part, "ja", ("zh",))


def count_languages(line: str) -> tuple[tuple[str, int], ...]:
    """Characters by language, most first; Chinese counts double, English a little more than it has.

    line: one line. Languages are ISO 639-1, any of langid's 97; ("zh", 0) alone for a line of spaces. Raises
    EngineUnavailable where py3langid is not installed.
    """
    counts = _Segmentation(line).pieces.counts
    return tuple(counts.most_common()) or (("zh", 0),)
