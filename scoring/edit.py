"""The film's edit as its editor made it: exact cuts and marks, which a timeline knows and a detector can only find.

{"schema": "cuesmith.edit/1", "source": "cut 7.otio", "duration_s": 61.2,
 "cuts": [{"time_s": 4.2}, {"time_s": 9.0, "kind": "dissolve", "start_s": 8.5, "end_s": 9.5}],
 "marks": [{"time_s": 12.0, "name": "door slams", "colour": "Pink", "note": ""}]}
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast, get_args

from scoring.analysis import Analysis, Cut, CutKind, describe_shots
from scoring.errors import CueSheetError, TimelineError
from scoring.json_fields import DECIMALS, Fields
from scoring.timebase import FrameRate

SCHEMA = "cuesmith.edit/1"
LONGEST_S = 86_400.0
MOST_CUTS, MOST_MARKS = 50_000, 5_000
KNOWN_STRENGTH = 0.5  # of a cut that an editor made and no detector saw: some cuts join pictures that look alike
_SAME_CUT_S = 0.1  # a detected cut this near a given one is it, and says how hard it is
_COLOUR_LETTERS = 40


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment that a person marked for the music to land on. colour: as the editor's program calls it, or ""."""

    time_s: float
    name: str = ""
    colour: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """Cuts and marks in film time, rising; zero is the first picture.

    cuts: None where nothing is known of them, so that they are detected; empty where the film is one shot.
    duration_s: how long the timeline is, where that is known. source: where it comes from, for people.
    """

    cuts: tuple[Cut, ...] | None = None
    marks: tuple[Mark, ...] = ()
    duration_s: float | None = None
    source: str = ""

    def to_json(self) -> dict[str, Any]:
        """The document; parse_edit reads it."""
        document: dict[str, Any] = {"schema": SCHEMA, "source": self.source, "duration_s": self.duration_s}
        if self.cuts is not None:
            document["cuts"] = [cut.to_json() for cut in self.cuts]
        document["marks"] = [
            {"time_s": mark.time_s, "name": mark.name, "colour": mark.colour, "note": mark.note} for mark in self.marks
        ]
        return document


def parse_edit(text: str, where: str = "the edit") -> Edit:
    """The edit in a document. Raises TimelineError with the field and what was found."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TimelineError(f"{where} is not JSON: {error}", f"Write {SCHEMA}") from error
    try:
        return _read(Fields(document, where))
    except CueSheetError as error:
        raise TimelineError(error.what, error.advice) from error


def _read(fields: Fields) -> Edit:
    if fields.text("schema", SCHEMA) != SCHEMA:
        raise fields.refuse("schema", f'"{SCHEMA}"')
    duration_s = fields.number("duration_s", 0.0, LONGEST_S) if fields.is_given("duration_s") else None
    cuts = None
    if fields.is_given("cuts"):
        cuts = tuple(_cut(Fields(item, f"{fields.where}: cuts[{n}]")) for n, item in enumerate(fields.items("cuts")))
    marks = tuple(_mark(Fields(item, f"{fields.where}: marks[{n}]")) for n, item in enumerate(fields.items("marks")))
    for name, rows, most in (("cuts", cuts or (), MOST_CUTS), ("marks", marks, MOST_MARKS)):
        if len(rows) > most:
            raise TimelineError(f"{fields.where} has {len(rows)} {name}", f"At most {most} are taken")
    return Edit(
        None if cuts is None else tuple(sorted(cuts, key=lambda cut: cut.time_s)),
        tuple(sorted(marks, key=lambda mark: mark.time_s)),
        duration_s,
        fields.text("source", ""),
    )


def _cut(fields: Fields) -> Cut:
    time_s = fields.number("time_s", 0.0, LONGEST_S)
    kind = cast(CutKind, fields.choice("kind", get_args(CutKind), "cut"))
    start_s = fields.number("start_s", 0.0, time_s, time_s)
    end_s = fields.number("end_s", time_s, LONGEST_S, time_s)
    return Cut(time_s, kind, fields.number("strength", 0.0, 1.0, KNOWN_STRENGTH), start_s, end_s)


def _mark(fields: Fields) -> Mark:
    colour = fields.text("colour", "")
    if len(colour) > _COLOUR_LETTERS:
        raise fields.refuse("colour", f"a colour's name, {_COLOUR_LETTERS} letters at most")
    return Mark(fields.number("time_s", 0.0, LONGEST_S), fields.text("name", ""), colour, fields.text("note", ""))


def check_edit(edit: Edit, duration_s: float, frame_rate: FrameRate) -> None:
    """Refuse an edit of another film: one with a cut or a mark past the film's end. Raises TimelineError."""
    limit_s = duration_s + frame_rate.frame_s
    named = [*(("cut", cut.time_s) for cut in edit.cuts or ()), *(("mark", mark.time_s) for mark in edit.marks)]
    for name, time_s in named:
        if time_s > limit_s:
            raise TimelineError(
                f"{edit.source or 'the edit'} has a {name} at {time_s:.3f} s, and the film lasts {duration_s:.3f} s",
                "Give the timeline that this film was rendered from",
            )


def with_edit(analysis: Analysis, edit: Edit) -> Analysis:
    """The analysis with the editor's cuts in the place of those that were detected.

    A detected cut within a tenth of a second of an editor's lends it its strength. Cuts at the film's very start and
    end are none.
    """
    if edit.cuts is None:
        return analysis
    end_s = analysis.duration_s
    inner = tuple(_as_seen(cut, analysis.shots.cuts) for cut in edit.cuts if 0.0 < cut.time_s < round(end_s, DECIMALS))
    return replace(analysis, shots=describe_shots(inner, analysis.activity, end_s))


def _as_seen(cut: Cut, seen: Sequence[Cut]) -> Cut:
    after = bisect_left(seen, cut.time_s, key=lambda one: one.time_s)
    near = [one for one in seen[max(0, after - 1) : after + 1] if abs(one.time_s - cut.time_s) <= _SAME_CUT_S]
    if not near:
        return cut
    return replace(cut, strength=min(near, key=lambda one: abs(one.time_s - cut.time_s)).strength)
