"""Sections: intro, verse, chorus … laid over the bars of a cue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scoring.wishes.reading import Section

UNITS = (4, 2, 1)  # bars: sections are whole phrases where there is room, else halves, else bars
LINE_UNITS = (2, 1)  # bars: lines of words are two bars or one, and want their room more than they want fours
OWN_SHARE = 0.15  # of a bar's own intensity that is left within a section, so that it lives (design choice)


@dataclass(frozen=True, slots=True)
class Span:
    """A section over bars [first, stop)."""

    section: Section
    first: int
    stop: int


def lay_sections(bars: int, sections: Sequence[Section], *, has_words: bool = False) -> tuple[Span, ...]:
    """The sections over so many bars, by weight; where there are fewer bars than sections, the first ones.

    has_words: whether lines are sung in them; then a section that returns is as long as it was.
    """
    kept = sections[:bars]
    if not kept:
        return ()
    unit = next(unit for unit in (LINE_UNITS if has_words else UNITS) if bars // unit >= len(kept))
    units, weights = bars // unit, [section.weight for section in kept]
    counts = _even_shares(units, kept) if has_words else shares(units, weights)
    spans, first = [], 0
    for number, (section, count) in enumerate(zip(kept, counts, strict=True), 1):
        stop = bars if number == len(kept) else first + count * unit
        spans.append(Span(section, first, stop))
        first = stop
    return tuple(spans)


def shares(units: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers near the weights, each at least one, that add up: the largest shortfall is served first."""
    counts = [1] * len(weights)
    total = sum(weights)
    for _ in range(units - len(weights)):
        short = [units * weight / total - count for weight, count in zip(weights, counts, strict=True)]
        counts[max(range(len(short)), key=lambda i: (short[i], -i))] += 1
    return counts


def _even_shares(units: int, sections: Sequence[Section]) -> list[int]:
    """As shares, with one count for all sections of a name: the shortest of what it should be grows, while it can.

    What is left over belongs to the last section.
    """
    names = [section.name for section in sections]
    wanted = {
        name: units * max(s.weight for s in sections if s.name == name) / sum(s.weight for s in sections)
        for name in dict.fromkeys(names)
    }
    counts = dict.fromkeys(names, 1)
    left = units - len(names)
    while growing := [name for name in counts if names.count(name) <= left and counts[name] < wanted[name]]:
        chosen = min(growing, key=lambda name: (counts[name] / wanted[name], names.index(name)))
        counts[chosen] += 1
        left -= names.count(chosen)
    return [counts[name] for name in names]


def section_intensity(spans: Sequence[Span], bar: int, own: float) -> float:
    """A bar's intensity: its section's, and a little of its own."""
    span = next(span for span in spans if span.first <= bar < span.stop)
    return min(max(span.section.level + OWN_SHARE * (own - 0.5), 0.0), 1.0)
