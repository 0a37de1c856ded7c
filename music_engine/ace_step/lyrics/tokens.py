"""What becomes of a lyric: token ids, and the lyrics whose ids need no vocabulary file."""

from __future__ import annotations

from dataclasses import dataclass

from music_engine.ace_step.lyrics.structure import INSTRUMENTAL
from music_engine.ace_step.lyrics.tables import vocabulary_facts


@dataclass(frozen=True, slots=True)
class LyricLine:
    """One line of a lyric, and what became of it.

    text: the line without blanks around it. language: ISO 639-1, the one whose tag it got; "" for an empty line.
    normalised: what was tokenised. ids: its tokens, the separator at the end included; none where the line was dropped.
    skipped: steps of cleaning that failed and whose work was thrown away; "line" for a line that was dropped.
    """

    text: str
    language: str
    normalised: str
    ids: tuple[int, ...]
    is_structure: bool = False
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LyricTokens:
    """ids: 0..6692, the start token first, every line closed by the separator. mask: as long, 1 for a real token."""

    ids: tuple[int, ...]
    mask: tuple[int, ...]
    lines: tuple[LyricLine, ...] = ()

    @classmethod
    def of_lines(cls, lines: tuple[LyricLine, ...]) -> LyricTokens:
        """The tokens of a whole lyric."""
        ids = (vocabulary_facts().tokens.start, *(id_ for line in lines for id_ in line.ids))
        return cls(ids, (1,) * len(ids), lines)


def no_lyric() -> LyricTokens:
    """What the reference's pipeline sends for a lyric without a character: one token that is masked out.

    The model then sings words of its own making; music without a voice is `instrumental_tokens()`.
    """
    return LyricTokens((vocabulary_facts().tokens.empty,), (0,))


def instrumental_tokens() -> LyricTokens:
    """The ids of "[inst]", music without a voice, from the documented constants: no vocabulary file is needed."""
    tokens = tokens_without_vocabulary(INSTRUMENTAL)
    assert tokens is not None
    return tokens


def tokens_without_vocabulary(lyrics: str) -> LyricTokens | None:
    """The ids of a lyric of structure tags and empty lines only; None where a line needs the vocabulary file."""
    known = vocabulary_facts()
    lines = []
    for text in map(str.strip, lyrics.split("\n")):
        name = text[1:-1].lower() if text.startswith("[") and text.endswith("]") else ""
        if not text:
            lines.append(empty_line())
        elif name in known.structure:
            ids = (known.languages["en"], known.structure[name], known.tokens.space)
            lines.append(LyricLine(text, "en", text.lower(), ids, is_structure=True))
        else:
            return None
    return LyricTokens.of_lines(tuple(lines))


def empty_line() -> LyricLine:
    """A line without text: the separator alone."""
    return LyricLine("", "", "", (vocabulary_facts().tokens.space,))
