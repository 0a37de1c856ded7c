"""The timeline as it is: its rate, its tracks and items, the range that is to be scored."""

import re
from fractions import Fraction
from typing import Any, NamedTuple

from integrations.resolve.script.asking import has, read, read_list, read_maybe, read_table
from integrations.resolve.script.words import Trouble

OUR_FILE = re.compile(r" [0-9a-fA-F]{8}\.[A-Za-z]+$")  # "music 1f3a5c7e.wav": whoever fetched it


class Item(NamedTuple):
    """An item of a track. start, end: absolute frames, end exclusive. source: where in its clip it begins.

    clip: None for what is no clip. kind, path, clip_id: the clip's, "" without one.
    """

    item: Any
    id: str
    start: int
    end: int
    source: int
    clip: Any
    clip_id: str
    kind: str
    path: str
    is_enabled: bool
    is_plain: bool


class Track(NamedTuple):
    """A track, counted from 1. kind: video or audio."""

    kind: str
    number: int
    name: str
    is_enabled: bool
    items: "list[Item]"


class Facts(NamedTuple):
    """start: the timeline's first frame. first, frames: the range, absolute. rate: frames a second, exact.

    is_marked: the range is the user's. note: what is to be said about it.
    """

    name: str
    id: str
    rate: Fraction
    rate_text: str
    start: int
    first: int
    frames: int
    is_marked: bool
    tracks: "list[Track]"
    note: str

    @property
    def last(self) -> int:
        """The last frame inside."""
        return self.first + self.frames - 1

    @property
    def starts_at_s(self) -> float:
        """The range's first frame in real seconds from midnight, as a BWF file counts."""
        return float(self.first / self.rate)

    @property
    def duration_s(self) -> float:
        """How long the range is."""
        return float(self.frames / self.rate)

    def seconds(self, frame: int) -> float:
        """A frame's time in the range."""
        return float((frame - self.first) / self.rate)


def rate_of(text: str) -> Fraction:
    """The exact rate of a setting: "29.97 DF" is 30000/1001. Raises Trouble."""
    try:
        number = float(text.split()[0])
    except (IndexError, ValueError):
        number = 0.0
    if number <= 0:
        raise Trouble(f'the timeline\'s frame rate is "{text}"', "Choose one in the timeline's settings.")
    whole = int(number + 0.5)
    if abs(number - whole) > 0.005 and abs(number - whole * 1000 / 1001) < 0.01:
        return Fraction(whole * 1000, 1001)
    return Fraction(number).limit_denominator(1001)


def look(timeline: Any, wanted: str, own: str) -> Facts:
    """The facts. wanted: marked or timeline. own: the name of our track, whose length does not count."""
    rate_text = str(read(timeline, "GetSetting", "timelineFrameRate"))
    rate = rate_of(rate_text)
    start = int(read(timeline, "GetStartFrame"))
    tracks = [*tracks_of(timeline, "video"), *tracks_of(timeline, "audio")]
    theirs = [track for track in tracks if not is_own(track, own)]
    ends = [item.end for track in theirs for item in track.items]
    if not any(track.kind == "video" and track.items for track in theirs):
        raise Trouble("The timeline has no picture", "Put a clip on it and run again.")
    end = max(ends)
    first, last, note = start, end - 1, ""
    marks: tuple[int | None, int | None] = (None, None)
    if wanted == "marked":
        if has(timeline, "GetMarkInOut"):
            marks = _marked_edges(timeline, start)
        else:
            note = "this version cannot say which range is marked, so the whole timeline was scored"
    if marks[0] is not None:
        first = marks[0]
    if marks[1] is not None:
        last = min(marks[1], last)
    if first > last or first < start:
        raise Trouble("The marked range holds nothing of the timeline", "Set In and Out anew and run again.")
    is_marked = (first, last) != (start, end - 1)
    name, uid = str(read(timeline, "GetName")), str(read(timeline, "GetUniqueId"))
    return Facts(name, uid, rate, rate_text, start, first, last - first + 1, is_marked, tracks, note)


def _marked_edges(timeline: Any, start: int) -> "tuple[int | None, int | None]":
    """In and out as absolute frames, out being the last inside.

    Resolve answers offsets from the start, but what a script has set stands as it was given: above the start's frame it
    is taken as absolute.
    """
    marks = read_table(timeline, "GetMarkInOut")
    edges = marks.get("video") or marks.get("audio") or {}
    found: list[int | None] = []
    for edge in (edges.get("in"), edges.get("out")):
        if edge is None:
            found.append(None)
        else:
            found.append(int(edge) if start > 0 and edge >= start else int(edge) + start)
    return found[0], found[1]


def tracks_of(timeline: Any, kind: str) -> "list[Track]":
    """Every track of a kind."""
    return [track_at(timeline, kind, n) for n in range(1, int(read(timeline, "GetTrackCount", kind)) + 1)]


def track_at(timeline: Any, kind: str, number: int) -> Track:
    """One track as it is now."""
    name = str(read(timeline, "GetTrackName", kind, number))
    is_enabled = bool(read(timeline, "GetIsTrackEnabled", kind, number))
    items = [item_of(item) for item in read_list(timeline, "GetItemListInTrack", kind, number)]
    return Track(kind, number, name, is_enabled, [item for item in items if item is not None])


def item_of(item: Any) -> "Item | None":
    """An item's facts; None for a ghost, which has no id and is not there."""
    uid = read_maybe(item, "GetUniqueId")
    if not uid:
        return None
    clip = read_maybe(item, "GetMediaPoolItem")
    start = int(read(item, "GetStart"))
    end = start + int(read(item, "GetDuration"))
    source = int(read(item, "GetLeftOffset")) if clip is not None else 0
    kind = str(read_maybe(clip, "GetClipProperty", "Type") or "") if clip is not None else ""
    path = str(read_maybe(clip, "GetClipProperty", "File Path") or "") if clip is not None else ""
    clip_id = str(read(clip, "GetUniqueId")) if clip is not None else ""
    is_enabled = read_maybe(item, "GetClipEnabled") is not False
    is_plain = not read_maybe(item, "GetFusionCompCount")
    return Item(item, str(uid), start, end, source, clip, clip_id, kind, path, is_enabled, is_plain)


def is_own(track: Track, own: str) -> bool:
    """Whether an audio track is ours: called "Cuesmith" or "Cuesmith strings", and nothing but our files on it."""
    is_called_so = track.name == own or track.name.startswith(own + " ")
    return track.kind == "audio" and is_called_so and all(OUR_FILE.search(item.path) for item in track.items)
