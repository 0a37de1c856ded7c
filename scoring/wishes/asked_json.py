"""The `wishes` object of a cue in cues.json."""

from __future__ import annotations

from typing import Any

from scoring.errors import CueSheetError, UnknownChoice
from scoring.json_fields import DECIMALS, Fields
from scoring.key import Key
from scoring.limits import BPM_RANGE
from scoring.moods import mood_names
from scoring.wishes.asked import Asked
from scoring.wishes.vocabulary import find_instrument


def wishes_object(asked: Asked) -> dict[str, Any]:
    """{"wishes": {…}} with the fields that say something; nothing where none does."""
    fields = {
        "prompt": asked.prompt,
        "avoid": asked.avoid,
        "instruments": list(asked.instruments),
        "mood": asked.mood,
        "bpm": None if asked.bpm is None else round(asked.bpm, DECIMALS),
        "key": None if asked.key is None else str(asked.key),
        "structure": asked.structure,
        "read": asked.read,
    }
    said = {name: value for name, value in fields.items() if value not in (None, "", [])}
    return {"wishes": {**said, **asked.extra}} if said or asked.extra else {}


def read_asked(cue: Fields) -> Asked:
    """The wishes of a cue. Raises CueSheetError: which cue, which field, what was found, what is allowed."""
    fields = cue.inner("wishes")
    return Asked(
        prompt=fields.text("prompt", ""),
        avoid=fields.text("avoid", ""),
        instruments=_instruments(fields),
        mood=fields.choice("mood", mood_names(), "neutral") if fields.is_given("mood") else None,
        bpm=fields.number("bpm", *BPM_RANGE) if fields.is_given("bpm") else None,
        key=_key(fields) if fields.is_given("key") else None,
        structure=fields.text("structure", ""),
        read=fields.text("read", ""),
        extra=fields.extra(),
    )


def _instruments(fields: Fields) -> tuple[str, ...]:
    names = []
    for index, item in enumerate(fields.items("instruments")):
        try:
            names.append(find_instrument(item if isinstance(item, str) else "").name)
        except UnknownChoice as error:
            allowed = error.advice.removeprefix("Choose ")
            raise CueSheetError.field(fields.where, f"wishes.instruments[{index}]", item, allowed) from error
    return tuple(dict.fromkeys(names))


def _key(fields: Fields) -> Key:
    try:
        return Key.parse(fields.text("key"))
    except ValueError as error:
        raise fields.refuse("key", str(error)) from error
