"""OpenTimelineIO's own form: a timeline's tracks and markers out of its objects."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from integrations.timelines.reading.exact import exact_rate, exact_seconds
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

if TYPE_CHECKING:
    import opentimelineio as otio

_NOTES = ("comment", "Comment", "note", "Note")


def parse_otio(text: str, where: str) -> Timeline:
    """The one timeline of a document. Raises TimelineError."""
    import opentimelineio as otio

    found = otio.adapters.read_from_string(text, "otio_json")
    timelines = [found]
    if isinstance(found, otio.schema.SerializableCollection):
        timelines = list(found.find_children(descended_from_type=otio.schema.Timeline))
    if len(timelines) != 1:
        names = ", ".join(repr(one.name) for one in timelines[:5])
        raise TimelineError(f"{where} holds {len(timelines)} timelines: {names}", "Export the one that the film is of")
    timeline = timelines[0]
    if not isinstance(timeline, otio.schema.Timeline):
        raise TimelineError(f"{where} is a {type(timeline).__name__}, not a timeline", "Export the whole timeline")
    return _Reader(Budget(where)).timeline(timeline)


class _Reader:
    """Walks the objects; every time is a sum of exact durations."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    def timeline(self, timeline: otio.schema.Timeline) -> Timeline:
        tracks, marks = self._stack(timeline.tracks, 0)
        start = timeline.global_start_time
        rate = _rate(timeline)
        start_s = Fraction(0) if start is None else _seconds(start)
        ends_s = [_length_s(track) for track in timeline.tracks if _is_picture(track)]
        duration_s = max(ends_s, default=None)
        return Timeline(
            rate,
            round(start_s * rate),
            tuple(tracks),
            tuple(_from_zero(mark, start_s, duration_s) for mark in marks),
            duration_s,
        )

    def _stack(self, stack: otio.schema.Stack, depth: int) -> tuple[list[Track], list[Marked]]:
        """The video tracks of a stack, the lowest first, in the stack's trimmed time; and the marks of all tracks."""
        import opentimelineio as otio

        depth = self._budget.deeper(depth)
        tracks: list[Track] = []
        marks = list(_own_marks(stack, Place(Fraction(0), _held_s(stack))))
        for child in stack:
            if isinstance(child, otio.schema.Track):
                track, inner = self._track(child, depth, is_lowest=not tracks)
            else:
                track, inner = self._item(child, Fraction(0), _length_s(child), depth, is_lowest=not tracks)
            marks += inner
            if _is_picture(child) and child.enabled:
                tracks.append(track)
        return self._trimmed(stack, tracks, marks)

    def _track(self, track: otio.schema.Track, depth: int, *, is_lowest: bool) -> tuple[Track, list[Marked]]:
        import opentimelineio as otio

        shots: list[Shot] = []
        changes: list[Change] = []
        marks: list[Marked] = []
        now_s = Fraction(0)
        for child in track:
            if isinstance(child, otio.schema.Transition):
                names = (child.name, child.transition_type)
                begins_s, ends_s = now_s - _seconds(child.in_offset), now_s + _seconds(child.out_offset)
                changes.append(Change(begins_s, ends_s, is_dip(*names)))
                continue
            length_s = _length_s(child)
            row, inner = self._item(child, now_s, length_s, depth, is_lowest=is_lowest)
            shots += row.shots
            changes += row.changes
            marks += inner
            now_s += length_s
        whole = Place(Fraction(0), now_s)
        marks += _own_marks(track, whole)
        rows, marks = self._trimmed(track, [Track(tuple(shots), tuple(changes))], marks)
        return rows[0], marks

    def _trimmed(
        self, item: otio.core.Item, tracks: list[Track], marks: list[Marked]
    ) -> tuple[list[Track], list[Marked]]:
        """What a composition's own source range leaves of it."""
        if item.source_range is None:
            return tracks, marks
        place = Place(Fraction(0), _seconds(item.source_range.duration), _seconds(item.source_range.start_time))
        return [nested(track, place, self._budget) for track in tracks], list(nested_marks(marks, place))

    def _item(
        self, item: otio.core.Item, start_s: Fraction, length_s: Fraction, depth: int, *, is_lowest: bool
    ) -> tuple[Track, list[Marked]]:
        import opentimelineio as otio

        if not item.enabled:
            return Track(), []
        speed = _speed(item)
        place = Place(start_s, start_s + length_s, _begins_s(item), Fraction(1) if speed is None else speed)
        if isinstance(item, otio.schema.Stack | otio.schema.Track):
            if isinstance(item, otio.schema.Track):
                row, marks = self._track(item, self._budget.deeper(depth), is_lowest=True)
                tracks = [row]
            else:
                tracks, marks = self._stack(item, depth)
            # The composition's own source range is applied already: what is left begins at 0.
            inner = Place(place.start_s, place.end_s, Fraction(0), place.speed)
            return nested(flatten(tracks, self._budget), inner, self._budget), list(nested_marks(marks, inner))
        marks = list(_own_marks(item, Place(place.start_s, place.end_s, place.from_s)))
        media = _media(item, is_lowest=is_lowest)
        if media is None or not length_s:
            return Track(), marks
        self._budget.take()
        known = media if speed is not None else ""
        return Track((Shot(place.start_s, place.end_s, known, place.from_s, place.speed),)), marks


def _is_picture(child: otio.core.Item) -> bool:
    import opentimelineio as otio

    return not isinstance(child, otio.schema.Track) or child.kind == otio.schema.TrackKind.Video


def _media(item: otio.core.Item, *, is_lowest: bool) -> str | None:
    """What an item shows: None where the tracks below are seen, "" where it cannot be told from others."""
    import opentimelineio as otio

    if not isinstance(item, otio.schema.Clip):
        return None
    reference = item.media_reference
    if isinstance(reference, otio.schema.GeneratorReference):
        if is_blank(reference.generator_kind, reference.name) or not is_lowest:
            return None  # a title lies over the picture
        return ""
    if is_blank(item.name) or (not is_lowest and is_overlay(item.name)):
        return None
    if isinstance(reference, otio.schema.ExternalReference):
        return str(reference.target_url or "")
    if isinstance(reference, otio.schema.ImageSequenceReference):
        return f"{reference.target_url_base}/{reference.name_prefix}"
    return str(item.name or "")


def _speed(item: otio.core.Item) -> Fraction | None:
    """How fast an item plays; None where it changes."""
    import opentimelineio as otio

    speed = Fraction(1)
    for effect in item.effects:
        if isinstance(effect, otio.schema.LinearTimeWarp):  # FreezeFrame is one of them, at 0
            speed *= Fraction(effect.time_scalar).limit_denominator(10_000)
        elif isinstance(effect, otio.schema.TimeEffect):
            return None
    return speed


def _own_marks(item: otio.core.Item, place: Place) -> Iterator[Marked]:
    """An item's own markers. place: where the item lies, and the time of its own that begins it."""
    for marker in item.markers:
        time_s = place.outer_s(_seconds(marker.marked_range.start_time))
        if item.parent() is not None and not place.start_s <= time_s < place.end_s:
            continue  # on a part of the source that was cut away
        note = getattr(marker, "comment", "") or _note(marker.metadata)
        ours = is_ours([marker.to_json_string()])
        yield Marked(time_s, str(marker.name or ""), str(marker.color or "").capitalize(), str(note or ""), ours)


def _note(metadata: Any) -> str:
    """A note as programs keep it in a marker's metadata, by itself or under the program's name."""
    rows = [metadata, *(value for value in metadata.values() if hasattr(value, "get"))]
    return next((str(row.get(name)) for row in rows for name in _NOTES if row.get(name)), "")


def _from_zero(mark: Marked, start_s: Fraction, duration_s: Fraction | None) -> Marked:
    """Some programs count a timeline's markers from its timecode, others from 0."""
    end_s = duration_s or Fraction(0)
    if mark.time_s >= end_s and start_s <= mark.time_s < start_s + end_s:
        return Marked(mark.time_s - start_s, mark.name, mark.colour, mark.note, mark.is_ours)
    return mark


def _rate(timeline: otio.schema.Timeline) -> Fraction:
    """Frames a second: of the start, else of the first thing in the timeline."""
    if timeline.global_start_time is not None and timeline.global_start_time.rate > 1:
        return exact_rate(timeline.global_start_time.rate)
    for track in timeline.tracks:
        for child in track:
            if hasattr(child, "trimmed_range"):
                return exact_rate(child.trimmed_range().duration.rate)
    return Fraction(24)


def _begins_s(item: otio.core.Item) -> Fraction:
    return _seconds(item.trimmed_range().start_time)


def _length_s(item: otio.core.Item) -> Fraction:
    """How long an item lasts: the exact sum of what it holds, which the library adds up in floating point."""
    import opentimelineio as otio

    if item.source_range is not None:
        return _seconds(item.source_range.duration)
    if isinstance(item, otio.schema.Stack):
        return _held_s(item)
    if isinstance(item, otio.schema.Track):
        held = (child for child in item if not isinstance(child, otio.schema.Transition))
        return sum((_length_s(child) for child in held), Fraction(0))
    return _seconds(item.trimmed_range().duration)


def _held_s(stack: otio.schema.Stack) -> Fraction:
    """How long a stack is before anything is trimmed off it."""
    return max((_length_s(child) for child in stack), default=Fraction(0))


def _seconds(time: otio.opentime.RationalTime) -> Fraction:
    return exact_seconds(time.value, time.rate)
