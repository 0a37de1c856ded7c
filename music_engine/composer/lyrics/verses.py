"""Verses: the lines of lyrics laid over the bars of a form, a stretch of beats for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from music_engine.composer.form import Bar, Form
from music_engine.composer.lyrics.syllables import Syllable, is_english, syllables_of
from music_engine.composer.sections import Span, shares
from scoring.wishes.lyrics import Stanza, read_lyrics

SHORTEST_LINE_BEATS = 2.0  # less holds no phrase
FEWEST = 4  # syllables that a line counts for at least when bars are shared out
LONGEST_LINE_BARS = 2  # where there is more room than this for each line, the lines come again (design choice)
_UNSUNG = ("intro", "outro", "solo", "breakdown", "drop")  # get words only where the lyrics say so


@dataclass(frozen=True, slots=True)
class Verse:
    """One line. text: as written; syllables: at least one. It has [beat, beat + beats), within bars.

    tune: lines of the same tune and number have the same melody: the section's name, or the words of the stanza.
    number: which line of its stanza, from 0.
    """

    text: str
    syllables: tuple[Syllable, ...]
    beat: float
    beats: float
    tune: str
    number: int

    @property
    def end(self) -> float:
        """Where its room ends, in beats."""
        return self.beat + self.beats


@dataclass(frozen=True, slots=True)
class Verses:
    """lines: in order, none overlapping. left_out: how many lines of the lyrics found no room."""

    lines: tuple[Verse, ...] = ()
    left_out: int = 0

    def holds(self, bar: Bar) -> bool:
        """Whether there are words in a bar."""
        return any(line.beat < bar.beat + bar.beats - 1e-6 and line.end > bar.beat + 1e-6 for line in self.lines)


NO_VERSES = Verses()


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    syllables: tuple[Syllable, ...]
    tune: str
    number: int


def lay_verses(form: Form, lyrics: str | None) -> Verses:
    """The lines over the form's sections; over all of its bars where it has none. Any text; none without words."""
    read = read_lyrics(lyrics)
    if not (read.has_words and form.bars):
        return NO_VERSES
    english = is_english(lyrics or "")
    laid: list[Verse] = []
    left_out = 0
    for (first, stop), stanzas in _regions(form, read.stanzas):
        lines = [line for stanza in stanzas for line in _lines(stanza, english)]
        bars = [bar for bar in form.bars[first:stop] if bar.beats >= SHORTEST_LINE_BEATS]
        placed = _placed(lines, bars, form.beats_per_bar)
        left_out += max(len(lines) - len(placed), 0)
        laid += placed
    return Verses(tuple(laid), left_out)


def _regions(form: Form, stanzas: Sequence[Stanza]) -> list[tuple[tuple[int, int], list[Stanza]]]:
    """(bars [first, stop), the stanzas there): each tagged one at the next section of its name."""
    if not form.sections:
        return [((0, len(form.bars)), [stanza for stanza in stanzas if stanza.lines])]
    held: list[list[Stanza]] = [[] for _ in form.sections]
    at = -1
    for stanza in stanzas:
        found = _next_section(form.sections, stanza, at + 1)
        # Words without a place of their own go where the last ones went.
        at = found if found is not None else max(at, 0)
        held[at].append(stanza)
    sung: dict[str, Stanza] = {}
    regions = []
    for span, own in zip(form.sections, held, strict=True):
        name = span.section.name
        with_words = [stanza for stanza in own if stanza.lines]
        if not with_words and own and name in sung:  # a chorus that is only named has the words of the one before
            with_words = [sung[name]]
        if with_words:
            sung.setdefault(name, with_words[0])
            regions.append(((span.first, span.stop), with_words))
    return regions


def _next_section(sections: Sequence[Span], stanza: Stanza, start: int) -> int | None:
    for number in range(start, len(sections)):
        name = sections[number].section.name
        if name == stanza.section.name if stanza.section is not None else name not in _UNSUNG:
            return number
    return None


def _lines(stanza: Stanza, english: bool) -> list[_Line]:
    tune = stanza.section.name if stanza.section is not None else "\n".join(stanza.lines).casefold()
    heard = [(line, syllables_of(line, is_english=english)) for line in stanza.lines]
    return [_Line(text, sung, tune, number) for number, (text, sung) in enumerate(heard) if sung]


def _placed(lines: Sequence[_Line], bars: Sequence[Bar], beats_per_bar: int) -> list[Verse]:
    """The lines over the bars, by their syllables: in whole bars, or in halves where there are not two for each.

    Where even halves are too few, the first lines have them; where there is much room, the lines come again.
    """
    slots = [(bar.beat, bar.beats) for bar in bars]
    if len(bars) < 2 * len(lines) and beats_per_bar % 2 == 0 and beats_per_bar / 2 >= SHORTEST_LINE_BEATS:
        slots = [slot for bar in bars for slot in _halves(bar, beats_per_bar / 2)]
    if not (lines and slots):
        return []
    rounds = max(len(bars) // (len(lines) * LONGEST_LINE_BARS), 1)
    row = (list(lines) * rounds)[: len(slots)]
    counts = shares(len(slots), [max(len(line.syllables), FEWEST) for line in row])
    placed, first = [], 0
    for line, count in zip(row, counts, strict=True):
        own = slots[first : first + count]
        beats = own[-1][0] + own[-1][1] - own[0][0]
        placed.append(Verse(line.text, line.syllables, own[0][0], beats, line.tune, line.number))
        first += count
    return placed


def _halves(bar: Bar, half: float) -> list[tuple[float, float]]:
    if bar.beats < 2 * half - 1e-6:
        return [(bar.beat, bar.beats)]
    return [(bar.beat, half), (bar.beat + half, bar.beats - half)]
