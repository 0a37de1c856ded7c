"""What stands in lyrics: sections, lines of words, and the instruments that tags and words name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from scoring.wishes.reading import HEAD, Section, read_head, read_wishes

LINE_WEIGHT = 0.25  # of a section for each line, so that four lines weigh as much as a verse does in a prompt
_WORD = re.compile(r"\w")
_LANGUAGE = re.compile(r"[a-z]{2}(?:-cn)?", re.IGNORECASE)  # "[zh]" says how to sing a line, not what to play


@dataclass(frozen=True, slots=True)
class Stanza:
    """Lines that belong together. section: the one its tag names, None for lines before any tag.

    lines: what is sung, without tags and blanks around it; may be empty under a tag.
    """

    section: Section | None
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lyrics:
    """Lyrics as read. stanzas: in order. instruments: named before any tag, in brackets or in the words.

    avoid: what brackets deny ("[no drums]") before any tag.
    """

    stanzas: tuple[Stanza, ...] = ()
    instruments: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()

    @property
    def has_words(self) -> bool:
        """Whether there is anything to sing: a letter or a digit outside the tags."""
        return any(stanza.lines for stanza in self.stanzas)

    @property
    def sections(self) -> tuple[Section, ...]:
        """Those the tags name, in order."""
        return tuple(stanza.section for stanza in self.stanzas if stanza.section is not None)


def read_lyrics(text: str | None) -> Lyrics:
    """Any text at all; None is no lyrics.

    A section's weight follows its lines. Tags that name no section say what plays from there: "[soft piano]". Of the
    words themselves only the instruments they name count, and those enter with their section.
    """
    found = Lyrics()
    for line in (text or "").splitlines():
        end = 0
        for match in HEAD.finditer(line):
            found = _with_line(found, line[end : match.start()])
            found = _with_tag(found, match[1])
            end = match.end()
        found = _with_line(found, line[end:])
        if not line.strip() and found.stanzas and found.stanzas[-1].section is None and found.stanzas[-1].lines:
            found = replace(found, stanzas=(*found.stanzas, Stanza(None, ())))
    kept = tuple(stanza for stanza in found.stanzas if stanza.section is not None or stanza.lines)
    return replace(found, stanzas=tuple(_weighed(stanza) for stanza in kept))


def merged(asked: Sequence[Section], sung: Sequence[Section]) -> tuple[Section, ...]:
    """The sections of a prompt and of lyrics in one row: those both name, in the same order, are one."""
    matcher = SequenceMatcher(None, [a.name for a in asked], [b.name for b in sung], autojunk=False)
    row: list[Section] = []
    for kind, start, stop, first, last in matcher.get_opcodes():
        if kind == "equal":
            row += [_both(a, b) for a, b in zip(asked[start:stop], sung[first:last], strict=True)]
        elif stop == len(asked):  # what only the prompt has at its end, an outro, ends the piece
            row += [*sung[first:last], *asked[start:stop]]
        else:
            row += [*asked[start:stop], *sung[first:last]]
    return tuple(row)


def _both(asked: Section, sung: Section) -> Section:
    """How strongly as the prompt says, as long as the lyrics need, with the instruments of both."""
    instruments = tuple(dict.fromkeys((*asked.instruments, *sung.instruments)))
    avoid = tuple(dict.fromkeys((*asked.avoid, *sung.avoid)))
    return replace(asked, weight=sung.weight, instruments=instruments, avoid=avoid)


def _with_line(found: Lyrics, text: str) -> Lyrics:
    line = " ".join(text.split())
    if not _WORD.search(line):
        return found
    last = found.stanzas[-1] if found.stanzas else Stanza(None, ())
    named = read_wishes(line).instruments
    return _told(replace(found, stanzas=(*found.stanzas[:-1], replace(last, lines=(*last.lines, line)))), named, ())


def _with_tag(found: Lyrics, text: str) -> Lyrics:
    head = read_head(text)
    if head is not None:
        (section,) = read_wishes(f"[{text}]").sections
        return replace(found, stanzas=(*found.stanzas, Stanza(section, ())))
    if _LANGUAGE.fullmatch(text.strip()):
        return found
    wishes = read_wishes(text)
    return _told(found, wishes.instruments, wishes.avoid)


def _told(found: Lyrics, instruments: Sequence[str], avoid: Sequence[str]) -> Lyrics:
    """Instruments that enter or leave with the section that is being read, or with the piece where there is none."""
    if not (instruments or avoid):
        return found
    last = found.stanzas[-1] if found.stanzas else Stanza(None, ())
    if last.section is None:
        return replace(
            found,
            instruments=tuple(dict.fromkeys((*found.instruments, *instruments))),
            avoid=tuple(dict.fromkeys((*found.avoid, *avoid))),
        )
    section = replace(
        last.section,
        instruments=tuple(dict.fromkeys((*last.section.instruments, *instruments))),
        avoid=tuple(dict.fromkeys((*last.section.avoid, *avoid))),
    )
    return replace(found, stanzas=(*found.stanzas[:-1], replace(last, section=section)))


def _weighed(stanza: Stanza) -> Stanza:
    if stanza.section is None or not stanza.lines:
        return stanza
    return replace(stanza, section=replace(stanza.section, weight=LINE_WEIGHT * max(len(stanza.lines), 2)))
