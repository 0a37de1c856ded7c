"""FCPXML, Final Cut Pro's and Resolve's: storylines, connected clips, compound clips, markers.

The library's adapter loses a sequence's markers, doubles those of clips and adds its times up in floating point.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from xml.etree.ElementTree import Element

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
from scoring.errors import TimelineError
from scoring.timebase import FrameRate

_ITEMS = {"asset-clip", "clip", "video", "ref-clip", "sync-clip", "mc-clip", "title", "gap", "audition", "audio"}
_COLOURS = {
    "marker": "Blue",
    "chapter-marker": "Orange",
}  # as Final Cut Pro shows them; a to-do is red, or green when done


@dataclass(slots=True)
class _Lanes:
    """What one storyline and what is connected to it show, by lane; the storyline itself is lane 0."""

    shots: dict[int, list[Shot]] = field(default_factory=dict)
    changes: dict[int, list[Change]] = field(default_factory=dict)
    marks: list[Marked] = field(default_factory=list)
    end_s: Fraction = Fraction(0)

    def add(self, lane: int, track: Track) -> None:
        self.shots.setdefault(lane, []).extend(track.shots)
        self.changes.setdefault(lane, []).extend(track.changes)

    def tracks(self) -> tuple[Track, ...]:
        """Those with a picture, the lowest first."""
        lanes = sorted(n for n, shots in self.shots.items() if shots)
        return tuple(Track(tuple(self.shots.get(n, ())), tuple(self.changes.get(n, ()))) for n in lanes)


def parse_fcpxml(root: Element, where: str, rate: FrameRate) -> Timeline:
    """The one project of a document. rate: of a sequence that does not say its own. Raises TimelineError."""
    projects = list(root.iter("project"))
    if len(projects) != 1:
        names = ", ".join(repr(project.get("name", "")) for project in projects[:5])
        raise TimelineError(
            f"{where} holds {len(projects)} projects{': ' if names else ''}{names}",
            "Export the one that the film is of",
        )
    sequence = projects[0].find("sequence")
    if sequence is None:
        raise TimelineError(f"{where} holds a project without a sequence", "Export the timeline again")
    reader = _Reader(root, Budget(where))
    lanes = reader.sequence(sequence, 0)
    frames_per_s = reader.rate(sequence) or rate.fraction
    start_s = _time(sequence.get("tcStart"))
    is_drop = sequence.get("tcFormat") == "DF"
    return Timeline(
        frames_per_s, round(start_s * frames_per_s), lanes.tracks(), tuple(lanes.marks), lanes.end_s, is_drop
    )


class _Reader:
    """Walks a document with its resources at hand."""

    def __init__(self, root: Element, budget: Budget) -> None:
        self._budget = budget
        self._resources = {item.get("id", ""): item for item in root.iterfind("resources/*")}
        self._compounds: dict[str, tuple[Track, list[Marked]]] = {}

    def rate(self, sequence: Element) -> Fraction:
        """Frames a second of the sequence's format; 0 where it does not say."""
        frame_s = _time(self._resources.get(sequence.get("format", ""), sequence).get("frameDuration"))
        return 1 / frame_s if frame_s > 0 else Fraction(0)

    def sequence(self, sequence: Element, depth: int) -> _Lanes:
        """A sequence from 0 s on, whatever its timecode."""
        lanes = _Lanes()
        spine = sequence.find("spine")
        if spine is not None:
            lanes.end_s = self._spine(spine, Fraction(0), 0, lanes, self._budget.deeper(depth))
        return lanes

    def _spine(self, spine: Element, start_s: Fraction, lane: int, lanes: _Lanes, depth: int) -> Fraction:
        """Lay a storyline's items one after the other; its end. Their own offsets only place the transitions."""
        now_s = start_s
        base_s: Fraction | None = None
        waiting: list[Element] = []
        for item in spine:
            if item.tag == "transition":
                waiting.append(item)
            elif item.tag in _ITEMS:
                if "offset" in item.attrib:
                    base_s = _time(item.get("offset")) - now_s
                waiting = self._transitions(waiting, base_s, lane, lanes)
                length_s = _time(item.get("duration")) or self._length_s(item)
                self._item(item, now_s, length_s, lane, lanes, depth)
                now_s += length_s
        self._transitions(waiting, base_s, lane, lanes)
        return now_s

    def _transitions(self, found: list[Element], base_s: Fraction | None, lane: int, lanes: _Lanes) -> list[Element]:
        for item in found:
            begins_s = _time(item.get("offset")) - (base_s or Fraction(0))
            change = Change(begins_s, begins_s + _time(item.get("duration")), is_dip(item.get("name")))
            lanes.add(lane, Track((), (change,)))
        return []

    def _item(self, item: Element, start_s: Fraction, length_s: Fraction, lane: int, lanes: _Lanes, depth: int) -> None:
        """An item, its markers, and what is connected to it."""
        if item.tag == "audition":
            chosen = next((child for child in item if child.tag in _ITEMS), None)
            if chosen is not None:
                self._item(chosen, start_s, length_s or self._length_s(chosen), lane, lanes, depth)
            return
        place = Place(start_s, start_s + length_s, self._begins_s(item))
        if item.get("enabled", "1") != "0":
            track, marks = self._content(item, place, lane, depth)
            lanes.add(lane, track)
            lanes.marks += [*nested_marks(_markers(item), place), *marks]
        for child in item:
            if child.tag not in _ITEMS and child.tag != "spine":
                continue
            their_lane = int(child.get("lane", "0"))
            if not their_lane:
                continue  # what the item itself is made of
            at_s = place.outer_s(_time(child.get("offset")))
            if child.tag == "spine":
                self._spine(child, at_s, lane + their_lane, lanes, self._budget.deeper(depth))
            else:
                theirs_s = _time(child.get("duration")) or self._length_s(child)
                self._item(child, at_s, theirs_s, lane + their_lane, lanes, self._budget.deeper(depth))

    def _content(self, item: Element, place: Place, lane: int, depth: int) -> tuple[Track, list[Marked]]:
        """What is seen of an item itself."""
        if not self._has_picture(item, lane) or place.start_s >= place.end_s:
            return Track(), []
        speed = _speed(item)
        if item.tag in {"ref-clip", "sync-clip"} or item.find("spine") is not None:
            inner, marks = self._inside(item, depth)
            within = Place(place.start_s, place.end_s, place.from_s - self._zero_s(item), speed or Fraction(0))
            return nested(inner, within, self._budget), list(nested_marks(marks, within))
        self._budget.take()
        media = self._media(item) if speed == 1 else ""
        return Track((Shot(place.start_s, place.end_s, media, place.from_s),)), []

    def _inside(self, item: Element, depth: int) -> tuple[Track, list[Marked]]:
        """What a compound or synchronised clip shows, from its first picture on."""
        reference = item.get("ref", "") if item.tag == "ref-clip" else ""
        if reference in self._compounds:
            return self._compounds[reference]
        sequence = self._resources[reference].find("sequence") if reference in self._resources else item
        if sequence is None:
            return Track(), []
        if sequence.find("spine") is not None:
            lanes = self.sequence(sequence, depth)
        else:
            lanes = _Lanes()
            for child in sequence:
                if child.tag in _ITEMS and child.get("lane", "0") == "0":
                    at_s = _time(child.get("offset"))
                    theirs_s = _time(child.get("duration")) or self._length_s(child)
                    self._item(child, at_s, theirs_s, 0, lanes, self._budget.deeper(depth))
        found = flatten(lanes.tracks(), self._budget), lanes.marks
        if reference:
            self._compounds[reference] = found
        return found

    def _zero_s(self, item: Element) -> Fraction:
        """What a compound clip's own timecode says at its first picture."""
        resource = self._resources.get(item.get("ref", ""))
        sequence = None if resource is None else resource.find("sequence")
        return Fraction(0) if sequence is None else _time(sequence.get("tcStart"))

    def _has_picture(self, item: Element, lane: int) -> bool:
        if item.tag in {"gap", "audio"} or item.get("srcEnable", "all") == "audio" or is_blank(item.get("name")):
            return False
        if lane > 0 and (item.tag == "title" or is_overlay(item.get("name"))):
            return False  # lies over the picture
        asset = self._resources.get(item.get("ref", ""))
        if asset is not None and asset.tag == "asset":
            return asset.get("hasVideo", "0") == "1" or asset.get("hasAudio", "0") != "1"
        return item.tag != "clip" or any(child.tag in {"video", "spine"} for child in item)

    def _media(self, item: Element) -> str:
        """What an item shows; "" for generators, which are all alike."""
        if item.tag == "title":
            return ""
        shown = item.find("video") if item.tag == "clip" else item
        if shown is None:
            return ""
        angle = next(
            (one.get("angleID", "") for one in item.iterfind("mc-source") if one.get("srcEnable") != "audio"), ""
        )
        reference = shown.get("ref", "")
        resource = self._resources.get(reference)
        return "" if resource is not None and resource.tag == "effect" else f"{reference} {angle}".strip()

    def _begins_s(self, item: Element) -> Fraction:
        """The item's own time at its first picture; where it is not said, that of its source."""
        if "start" in item.attrib:
            return _time(item.get("start"))
        resource = self._resources.get(item.get("ref", ""))
        if resource is not None and resource.tag == "asset":
            return _time(resource.get("start"))
        return self._zero_s(item)

    def _length_s(self, item: Element) -> Fraction:
        """How long an item lasts that does not say it: as long as its source, or as what it holds."""
        resource = self._resources.get(item.get("ref", ""))
        if resource is not None:
            sequence = resource.find("sequence")
            return _time((resource if sequence is None else sequence).get("duration"))
        return max((_time(child.get("duration")) for child in item if child.tag in _ITEMS), default=Fraction(0))


def _markers(item: Element) -> Iterator[Marked]:
    """An item's own markers, in its own time."""
    for child in item:
        if child.tag in {"marker", "chapter-marker"}:
            colour = {"0": "Red", "1": "Green"}.get(child.get("completed", ""), _COLOURS[child.tag])
            name, note = child.get("value", ""), child.get("note", "")
            yield Marked(_time(child.get("start")), name, colour, note, is_ours([name, note]))


def _speed(item: Element) -> Fraction | None:
    """How fast an item plays; None where it changes on the way."""
    points = [(_time(point.get("time")), _time(point.get("value"))) for point in item.iterfind("timeMap/timept")]
    if not points:
        return Fraction(1)
    if len(points) != 2 or points[0][0] >= points[1][0]:
        return None
    return (points[1][1] - points[0][1]) / (points[1][0] - points[0][0])


def _time(text: str | None) -> Fraction:
    """Seconds as FCPXML writes them: "1001/30000s", "5s", "3.5s"; nothing is 0. Raises ValueError for anything else."""
    if not text:
        return Fraction(0)
    if len(text) > 60 or "e" in text.casefold():
        raise ValueError(f"{text[:60]!r} is no time")
    return Fraction(text.strip().removesuffix("s"))
