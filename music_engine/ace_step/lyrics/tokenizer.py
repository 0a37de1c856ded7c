"""Lyrics to token ids."""

from __future__ import annotations

from pathlib import Path

from music_engine.ace_step.compat import Compat
from music_engine.ace_step.lyrics.cleaning import CleanedLine, clean
from music_engine.ace_step.lyrics.detection import FALLBACK, detect
from music_engine.ace_step.lyrics.pinyin import is_pinyin
from music_engine.ace_step.lyrics.structure import is_structure, split_language_tag
from music_engine.ace_step.lyrics.tables import vocabulary_facts
from music_engine.ace_step.lyrics.tokens import LyricLine, LyricTokens, empty_line
from music_engine.ace_step.lyrics.vocabulary import read_vocabulary
from scoring.errors import CuesmithError, InputError, UnknownChoice

LONGEST_LYRIC_CHARACTERS = 20_000  # five times what the longest song in training had tokens


class LyricTokenizer:
    """The lyric tokenizer of ACE-Step v1.

    vocab_path: the byte-pair vocabulary ("vocab.json"); it is not in the checkpoint, see `vocabulary`. compat:
    "reference" gives the reference's ids, quirks included; "fixed" takes language tags ([zh]) and pinyin as well,
    counts in Czech and drops no line (docs/ace-step-lyrics.md). Raises EngineUnavailable where there is no such file
    or no `tokenizers`, CheckpointRefused where it is another vocabulary.
    """

    def __init__(self, vocab_path: Path, *, compat: Compat = "fixed") -> None:
        self._bpe = read_vocabulary(vocab_path)
        self._compat: Compat = compat

    def encode(self, lyrics: str, *, language: str | None = None) -> LyricTokens:
        """The ids of a lyric.

        lyrics: lines of text; a line that starts with [...] is structure. language: ISO 639-1 of every line that is not
        structure; None detects it line by line. Raises UnknownChoice for a language the vocabulary has no tag for,
        InputError for a lyric that is too long, EngineUnavailable where a library that the language needs is missing.
        """
        if language is not None:
            _check_language(language)
        if len(lyrics) > LONGEST_LYRIC_CHARACTERS:
            raise InputError(
                f"the lyric has {len(lyrics)} characters, {LONGEST_LYRIC_CHARACTERS} are allowed",
                "Give a shorter lyric",
            )
        lines = []
        for text in map(str.strip, lyrics.split("\n")):
            tagged, rest = split_language_tag(text) if self._compat == "fixed" else (None, text)
            if tagged is not None and not rest:
                language = tagged  # alone on a line it holds for the lines after it
                continue
            lines.append(self.encode_line(rest, language=tagged or language))
        return LyricTokens.of_lines(tuple(lines))

    def encode_line(self, text: str, *, language: str | None = None) -> LyricLine:
        """The ids of one line, the separator at their end included. language: as for `encode`."""
        text = text.strip()
        if not text:
            return empty_line()
        structured = is_structure(text)
        if structured:
            language = FALLBACK
        elif language is None:
            language = self._detect(text)
        cleaned = self._clean(text, language)
        if cleaned is None:
            return LyricLine(text, language, "", (), structured, ("line",))
        ids = (*self.encode_text(cleaned.text, language), vocabulary_facts().tokens.space)
        return LyricLine(text, language, cleaned.text, ids, structured, cleaned.skipped)

    def encode_text(self, normalised: str, language: str) -> tuple[int, ...]:
        """The ids of text that `clean` has been over, the language's tag first and no separator after it."""
        _check_language(language)
        tag = "zh-cn" if language == "zh" else language
        text = f"[{tag}]{normalised}".replace(" ", "[SPACE]")
        return tuple(self._bpe.encode(_without_surrogates(text)).ids)

    def _detect(self, text: str) -> str:
        if self._compat == "fixed" and is_pinyin(text):
            return "zh"
        return detect(_without_surrogates(text)).sung

    def _clean(self, text: str, language: str) -> CleanedLine | None:
        """None where the reference drops the line: a library failed at its script."""
        try:
            return clean(_without_surrogates(text), language, self._compat)
        except CuesmithError:
            raise
        except Exception:  # romanisation raises many kinds; the reference then leaves the line out
            return None if self._compat == "reference" else CleanedLine(text.lower(), ("romanisation",))


def _check_language(language: str) -> None:
    if language not in vocabulary_facts().languages:
        raise UnknownChoice.among("lyric language", language, list(vocabulary_facts().languages))


def _without_surrogates(text: str) -> str:
    """Half characters, which no UTF-8 has, as the replacement character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
