"""Final Cut Pro 7's XML, which Premiere Pro and Resolve write: tracks of clips with their frames in the timeline.

The library's adapter empties nested sequences, shows disabled clips, and refuses a clip without a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from xml.etree.ElementTree import Element

from integrations.timelines.reading.colours import nearest_colour, premiere_colour
from integrations.timelines.reading.names import is_blank, is_dip, is_overlay
from integrations.timelines.reading.timeline import (
    Budget,
    Change,
    Marked,
    Place,
    Shot,
    Timeline,
    Track,
    flatten,
    is_ours,
    nested,
    nested_marks,
)
from integrations.timelines.reading.xml_tree import child_text
from scoring.errors import TimelineError

_ITEMS = {"clipitem", "generatoritem"}


def parse_fcp7xml(root: Element, where: str) -> Timeline:
    """The one sequence of a document. Raises TimelineError."""
    sequences = [*root.iterfind("sequence"), *root.iterfind(".//children/sequence")]
    if len(sequences) != 1:
        names = ", ".join(repr(child_text(one, "name")) for one in sequences[:5])
        raise TimelineError(
            f"{where} holds {len(sequences)} sequences{': ' if names else ''}{names}",
            "Export the one that the film is of",
        )
    return _Reader(root, Budget(where)).timeline(sequences[0])


class _Reader:
    """Walks a document; an element that only names an id stands for the one that was described under it."""

    def __init__(self, root: Element, budget: Budget) -> None:
        self._budget = budget
        self._described: dict[tuple[str, str], Element] = {}
        for element in root.iter():
            if "id" in element.attrib and len(element):
                self._described.setdefault((element.tag, element.attrib["id"]), element)
        self._flat: dict[str, tuple[Track, list[Marked]]] = {}

    def timeline(self, sequence: Element) -> Timeline:
        rate = _rate(sequence, Fraction(0))
        if not rate:
            raise ValueError("the sequence has no rate")
        tracks, marks = self._tracks(sequence, rate, 0)
        start = child_text(sequence, "timecode/frame", "0")
        ends_s = [shot.end_s for track in tracks for shot in track.shots]
        duration_s = max([Fraction(int(child_text(sequence, "duration", "0") or 0)) / rate, *ends_s])
        is_drop = child_text(sequence, "timecode/displayformat").upper() == "DF"
        return Timeline(rate, int(start), tuple(tracks), tuple(marks), duration_s, is_drop)

    def _tracks(self, sequence: Element, rate: Fraction, depth: int) -> tuple[list[Track], list[Marked]]:
        """The video tracks, the lowest first, and the marks of sequence, pictures and sound."""
        depth = self._budget.deeper(depth)
        tracks: list[Track] = []
        marks = [_marked(marker, _frames(marker, "in") / rate) for marker in sequence.iterfind("marker")]
        for kind in ("video", "audio"):
            for element in sequence.iterfind(f"media/{kind}/track"):
                if _is_off(element):
                    continue
                track, theirs = self._track(element, rate, depth, is_lowest=not tracks)
                marks += theirs
                if kind == "video":
                    tracks.append(track)
        return tracks, marks

    def _track(self, element: Element, rate: Fraction, depth: int, *, is_lowest: bool) -> tuple[Track, list[Marked]]:
        rows: list[Track] = []
        marks: list[Marked] = []
        items = [item for item in element if item.tag in {*_ITEMS, "transitionitem"}]
        for index, item in enumerate(items):
            if item.tag == "transitionitem":
                names = (child_text(item, "effect/name"), child_text(item, "effect/effectid"))
                change = Change(_frames(item, "start") / rate, _frames(item, "end") / rate, is_dip(*names))
                rows.append(Track((), (change,)))
                continue
            if _is_off(item):
                continue
            place = _place(items, index, rate)
            track, theirs = self._item(item, place, rate, depth, is_lowest=is_lowest)
            rows.append(track)
            marks += theirs
        shots = tuple(shot for row in rows for shot in row.shots)
        return Track(shots, tuple(change for row in rows for change in row.changes)), marks

    def _item(
        self, item: Element, place: Place, rate: Fraction, depth: int, *, is_lowest: bool
    ) -> tuple[Track, list[Marked]]:
        own = [_marked(marker, _frames(marker, "in") / _rate(item, rate)) for marker in item.iterfind("marker")]
        marks = list(nested_marks(own, place))
        if place.start_s >= place.end_s or not _shows(item, is_lowest=is_lowest):
            return Track(), marks
        inner = item.find("sequence")
        if inner is not None:
            track, theirs = self._sequence(inner, rate, depth)
            return nested(track, place, self._budget), [*marks, *nested_marks(theirs, place)]
        self._budget.take()
        return Track((Shot(place.start_s, place.end_s, self._media(item), place.from_s),)), marks

    def _sequence(self, element: Element, rate: Fraction, depth: int) -> tuple[Track, list[Marked]]:
        """What a nested sequence shows; worked out once for every id."""
        known = element.get("id", "")
        if known and known in self._flat:
            return self._flat[known]
        described = self._described.get(("sequence", known), element)
        tracks, marks = self._tracks(described, _rate(described, rate), depth)
        found = flatten(tracks, self._budget), marks
        if known:
            self._flat[known] = found
        return found

    def _media(self, item: Element) -> str:
        """The file shown; "" where it plays at another speed, or there is none."""
        effects = {child_text(effect, "effectid").casefold() for effect in item.iterfind("filter/effect")}
        file = item.find("file")
        if file is None or "timeremap" in effects:
            return ""
        return child_text(self._described.get(("file", file.get("id", "")), file), "pathurl") or file.get("id", "")


def _place(items: Sequence[Element], index: int, rate: Fraction) -> Place:
    """Where an item lies. An edge that a transition hides, -1, is where the transition cuts."""
    item = items[index]
    own_rate = _rate(item, rate)
    start, end, begins_s = _frames(item, "start"), _frames(item, "end"), _frames(item, "in") / own_rate
    if start == -1:
        before = items[index - 1] if index else None
        start = _cut_point(before)
        # What the clip's own times count from is shown where the transition begins.
        begins_s += (start - _frames(before, "start")) / rate
    if end == -1:
        end = _cut_point(items[index + 1] if index + 1 < len(items) else None)
    return Place(start / rate, end / rate, begins_s)


def _cut_point(transition: Element | None) -> Fraction:
    if transition is None or transition.tag != "transitionitem":
        raise ValueError("a clip has no place, and no transition beside it that says one")
    start, end = _frames(transition, "start"), _frames(transition, "end")
    alignment = child_text(transition, "alignment", "center")
    if alignment.startswith("start"):
        return start
    return end if alignment.startswith("end") else (start + end) / 2


def _shows(item: Element, *, is_lowest: bool) -> bool:
    """Whether an item hides what lies below it."""
    source = child_text(item, "file/mediaSource")
    effect = child_text(item, "effect/effectid")
    name = child_text(item, "name")
    if is_blank(name, source, effect):
        return False
    is_made = item.tag == "generatoritem" or (bool(source) and item.find("file/pathurl") is None)
    is_layer = child_text(item, "adjustmentLayer").upper() == "TRUE" or is_overlay(name)
    return is_lowest or not (is_made or is_layer)


def _marked(marker: Element, time_s: Fraction) -> Marked:
    name, note = child_text(marker, "name"), child_text(marker, "comment")
    return Marked(time_s, name, _colour(marker), note, is_ours([name, note]))


def _colour(marker: Element) -> str:
    """A marker's colour by name; "" where it has none."""
    if packed := child_text(marker, "pproColor"):
        return premiere_colour(int(packed))
    parts = [child_text(marker, f"color/{part}") for part in ("red", "green", "blue")]
    return nearest_colour((int(parts[0]), int(parts[1]), int(parts[2]))) if all(parts) else ""


def _is_off(element: Element) -> bool:
    return child_text(element, "enabled", "TRUE").upper() == "FALSE"


def _rate(element: Element, default: Fraction) -> Fraction:
    """Frames a second that an element counts in."""
    timebase = child_text(element, "rate/timebase")
    if not timebase:
        return default
    whole = Fraction(int(timebase))
    if whole <= 0:
        raise ValueError(f"a timebase of {timebase}")
    return whole * Fraction(1000, 1001) if child_text(element, "rate/ntsc").upper() == "TRUE" else whole


def _frames(element: Element | None, name: str) -> Fraction:
    text = child_text(element, name)
    if not text:
        raise ValueError(f"a {'thing' if element is None else element.tag} without {name}")
    return Fraction(int(float(text)))
