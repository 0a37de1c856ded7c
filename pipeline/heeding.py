"""What was asked of the music, what is obeyed, and what could not be used; for the table and the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scoring.cue_sheet import Cue, CueSheet
from scoring.moods import MOODS
from scoring.wishes.obeying import wishes_of
from scoring.wishes.reading import Wishes
from scoring.wishes.vocabulary import instruments


@dataclass(frozen=True, slots=True)
class Heed:
    """Of one cue. asked: the words as written. obeyed: what the cue does about them. not_used: words without effect."""

    cue: str
    asked: str
    obeyed: tuple[str, ...]
    not_used: tuple[str, ...]


def heed(sheet: CueSheet, unheeded: Mapping[str, Sequence[str]] | None = None) -> tuple[Heed, ...]:
    """One row for each cue of which something is asked. unheeded: cue id → what its engine could not obey."""
    rows = []
    for cue in sheet.cues:
        wishes = wishes_of(cue)
        if wishes.used or wishes.unused:
            obeyed, missed = _account(cue, wishes, (unheeded or {}).get(cue.id, ()))
            rows.append(Heed(cue.id, cue.wishes.read, obeyed, missed))
    return tuple(rows)


def not_used(rows: tuple[Heed, ...]) -> tuple[str, ...]:
    """The words that no cue could use, each once; with the cues' names where only some could not."""
    places: dict[str, list[str]] = {}
    for row in rows:
        for word in row.not_used:
            places.setdefault(word, []).append(row.cue)
    return tuple(word if len(cues) == len(rows) else f"{word} ({', '.join(cues)})" for word, cues in places.items())


def _account(cue: Cue, wishes: Wishes, unheeded: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(obeyed, not used). A field that somebody changed by hand after the words were read outranks them."""
    asked = [
        *wishes.instruments,
        *(f"no {name}" for name in wishes.avoid),
        *(f"effect: {name}" for name in wishes.effects),
        *(f"genre: {name}" for name in wishes.genres),
        *(f"section: {section.name}" for section in wishes.sections),
    ]
    obeyed = [_named(word) for word in asked if word not in unheeded]
    missed = list(dict.fromkeys((*wishes.unused, *wishes.missing, *(word for word in asked if word in unheeded))))
    for what, value, is_obeyed in _fields(cue, wishes):
        (obeyed if is_obeyed else missed).append(f"{what} {value}")
    return tuple(obeyed), tuple(missed)


def _named(word: str) -> str:
    """The word, and beside an instrument that is not to be had, the one that plays."""
    instrument = instruments().get(word)
    return f"{word} (nearest: {instrument.nearest})" if instrument is not None and instrument.nearest else word


def _fields(cue: Cue, wishes: Wishes) -> list[tuple[str, str, bool]]:
    """(field, what was asked, whether the cue has it)."""
    rows = []
    if wishes.mood is not None:
        rows.append(("mood", wishes.mood, cue.mood == wishes.mood))
    if wishes.bpm is not None:
        rows.append(("tempo", f"{wishes.bpm:g} bpm", abs(cue.bpm - wishes.bpm) <= 0.5))
    elif wishes.band_bpm is not None:
        low, high = wishes.band_bpm
        rows.append(("tempo", f"{low:g} to {high:g} bpm", low - 0.5 <= cue.bpm <= high + 0.5))
    if wishes.key is not None:
        rows.append(("key", str(wishes.key), cue.key == wishes.key))
    elif wishes.mode is not None:
        rows.append(("mode", wishes.mode, cue.key.mode == wishes.mode))
    elif wishes.mood is not None:
        rows.append(("mode for", wishes.mood, cue.key.mode in MOODS[wishes.mood].modes))
    return rows
