"""What the strip says for a while: which cue plays, what fell short here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.review.lettering import wrapped
from pipeline.review.scored import Scored, Shortfall
from pipeline.review.span import Span
from scoring.cue_sheet import Cue
from scoring.timebase import clock

NEAR_S = 3.0  # how long before and after its place a shortfall is told
OF_ALL_S = 8.0  # how long one of the whole film is, when the review begins
_LINES = 2


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of film time with one title. cue: None where no music plays."""

    start_s: float
    end_s: float
    title: str = ""
    facts: str = ""
    cue: Cue | None = None


def sections(scored: Scored, span: Span) -> list[Section]:
    """The cues and what lies between them, as far as they are inside the stretch, without gaps."""
    made: list[Section] = []
    at_s = span.start_s
    for cue, beats in zip(scored.sheet.cues, scored.beats, strict=True):
        start_s, end_s = max(cue.in_s, span.start_s), min(cue.out_s, span.end_s)
        if cue.in_s > at_s and at_s < span.end_s:
            until = f"until {clock(cue.in_s)}: {_name(cue)}"
            made.append(Section(at_s, min(cue.in_s, span.end_s), "no music", until))
        if start_s < end_s:
            facts = [f"{cue.bpm:.4g} bpm", str(cue.key), str(cue.metre)]
            facts += ["beats as planned"] if beats.is_planned else []
            made.append(Section(start_s, end_s, _name(cue), " · ".join(facts), cue))
        at_s = max(at_s, cue.out_s)
    if at_s < span.end_s:
        made.append(Section(at_s, span.end_s, "no music", "to the end of the film"))
    return made


def messages(
    shortfalls: Sequence[Shortfall], span: Span, size_px: int, room_px: float
) -> list[tuple[Section, list[str]]]:
    """What to say of the shortfalls, and when: at most two lines at a time."""
    told = []
    for short in shortfalls:
        start_s, end_s = (
            (span.start_s, span.start_s + OF_ALL_S)
            if short.at_s is None
            else (short.at_s - NEAR_S, short.at_s + NEAR_S)
        )
        start_s, end_s = max(start_s, span.start_s), min(end_s, span.end_s)
        if start_s < end_s:
            told.append((start_s, end_s, short.words))
    edges_s = sorted({edge for start_s, end_s, _ in told for edge in (start_s, end_s)})
    made = []
    for start_s, end_s in pairwise(edges_s):
        words = [words for begin_s, until_s, words in told if begin_s <= start_s and end_s <= until_s]
        if words:
            made.append((Section(start_s, end_s), _lines(words, size_px, room_px)))
    return made


def _lines(words: Sequence[str], size_px: int, room_px: float) -> list[str]:
    if len(words) == 1:
        return wrapped(f"✕ {words[0]}", size_px, room_px, _LINES)
    more = f"(and {len(words) - _LINES} more) " if len(words) > _LINES else ""
    return [f"✕ {words[0]}", f"✕ {more}{words[1]}"]


def _name(cue: Cue) -> str:
    return f"{cue.id.upper()} {cue.mood}".strip()
