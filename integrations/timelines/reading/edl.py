"""CMX 3600 edit decision lists, read by their record side.

The library's adapter refuses lists whose source and record lengths differ, which every speed change makes so, and knows
neither Resolve's markers nor drop-frame; here only what is seen when counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from integrations.timelines.reading.names import is_blank
from integrations.timelines.reading.timeline import Budget, Change, Marked, Shot, Timeline, Track, is_ours
from scoring.errors import TimelineError
from scoring.timebase import FrameRate
from scoring.timecode import DROP_RATES, Timecode

_LABEL = r"\d{1,2}[:;.,]\d{2}[:;.,]\d{2}[:;.,]\d{2}"
_EVENT = re.compile(
    rf"\s*(?P<number>\d+)[A-Za-z]?\s+(?P<reel>.*?)\s+(?P<channels>NONE|B|[AV][AV0-9/+]*)\s+"
    rf"(?P<edit>C|D|W\d+|KB|KO|K)\s+(?P<frames>\d+\s+)?"
    rf"(?P<source_in>{_LABEL})\s+(?P<source_out>{_LABEL})\s+(?P<record_in>{_LABEL})\s+(?P<record_out>{_LABEL})\s*",
    re.IGNORECASE,
)
_LOOKS_LIKE_EVENT = re.compile(rf"\s*\d+\S*\s.*?{_LABEL}\s+{_LABEL}")
_LOCATOR = re.compile(rf"\*?\s*LOC:?\s*(?P<label>{_LABEL})(?:\s+(?P<colour>[A-Za-z]+))?(?:\s+(?P<name>.*))?")
_CLIP = re.compile(r"\*?\s*(?P<side>FROM|TO) CLIP NAME\s*:\s*(?P<name>.*)", re.IGNORECASE)
_TAG = re.compile(r"\|(?P<key>[CMD]):(?P<value>[^|]*)")
_RESOLVE_COLOUR = "ResolveColor"


@dataclass(slots=True)
class _Event:
    """One line of the list with the remarks that follow it. Times are frames of the list's timecode."""

    reel: str
    track: int
    is_gradual: bool
    change_frames: int
    record: tuple[int, int]
    source: tuple[int, int] | None
    clips: dict[str, str] = field(default_factory=dict)
    marks: list[tuple[int, Marked]] = field(default_factory=list)
    is_marker: bool = False


def parse_edl(text: str, where: str, rate: FrameRate) -> Timeline:
    """The list's video events at a rate, from its first event on. Raises TimelineError with the line.

    A list that only has markers, as Resolve writes them, has no tracks; its zero is the hour that they begin in.
    """
    lines = text.splitlines()
    timecode = _timecode(lines, rate, where)
    events = _events(lines, timecode, where)
    pictures = [event for event in events if event.track]
    if not events:
        raise TimelineError(f"{where} has no edit in it", "Export a CMX 3600 EDL of the video track")
    if not pictures:
        raise TimelineError(f"{where} has no video edit, only sound", "Export the EDL of the video track")
    marks = [(frame, mark) for event in events for frame, mark in event.marks]
    if all(event.is_marker for event in pictures):
        hour = timecode.label(min(frame for frame, _ in marks))[:2]
        zero = timecode.frame(f"{hour}:00:00:00")
        return Timeline(rate.fraction, zero, (), _marks(marks, zero, timecode), None, timecode.is_drop)
    shown = [event for event in pictures if not event.is_marker]
    zero = min(event.record[0] for event in shown)
    end = max(event.record[1] for event in shown)
    budget = Budget(where)
    budget.take(len(shown))
    tracks = tuple(
        _track([event for event in shown if event.track == number], zero, timecode)
        for number in sorted({event.track for event in shown})
    )
    return Timeline(
        rate.fraction, zero, tracks, _marks(marks, zero, timecode), timecode.seconds(end - zero), timecode.is_drop
    )


def _timecode(lines: Sequence[str], rate: FrameRate, where: str) -> Timecode:
    """Drop-frame where the list says so, or writes its labels so."""
    says = any(re.match(r"\s*FCM:\s*DROP", line, re.IGNORECASE) for line in lines)
    writes = any(re.search(r"\d[:;]\d{2}[;,]\d{2}\s", f"{line} ") for line in lines if _EVENT.fullmatch(line))
    try:
        return Timecode(rate, is_drop=(says or writes) and rate in DROP_RATES)
    except ValueError as error:
        raise TimelineError(f"{where} is an EDL, and {error}", "Export OpenTimelineIO or FCPXML instead") from error


def _events(lines: Sequence[str], timecode: Timecode, where: str) -> list[_Event]:
    events: list[_Event] = []
    for number, line in enumerate(lines, 1):
        if found := _EVENT.fullmatch(line):
            events.append(_event(found, number, timecode, where))
        elif _LOOKS_LIKE_EVENT.match(line):
            raise TimelineError(
                f"{where}, line {number} is no edit of a CMX 3600 list: {line.strip()[:80]!r}",
                "Export the EDL as CMX 3600, or OpenTimelineIO or FCPXML instead",
            )
        elif events:
            _remark(events[-1], line, timecode)
    return events


def _event(found: re.Match[str], number: int, timecode: Timecode, where: str) -> _Event:
    try:
        first, last = (_frame(found[name], timecode) for name in ("record_in", "record_out"))
    except ValueError as error:
        raise TimelineError(
            f"{where}, line {number}: {error}", "Give the EDL of the film's own frame rate, or another format"
        ) from error
    if last < first:
        raise TimelineError(
            f"{where}, line {number} ends before it begins", "Export a timeline that begins after midnight"
        )
    try:
        source = (_frame(found["source_in"], timecode), _frame(found["source_out"], timecode))
    except ValueError:
        source = None  # a source of another frame rate
    channels = found["channels"].upper()
    video = re.search(r"V(\d*)", channels)
    track = int(video[1] or 1) if video else int(channels == "B")
    frames = int(found["frames"] or 0)
    edit = found["edit"].upper()
    return _Event(found["reel"].strip(), track, edit[0] in "DW", frames, (first, last), source)


def _frame(label: str, timecode: Timecode) -> int:
    """Some lists write dots, or semicolons all along."""
    hours, minutes, seconds, frames = re.split(r"[:;.,]", label)
    return timecode.frame(f"{hours}:{minutes}:{seconds}:{frames}")


def _remark(event: _Event, line: str, timecode: Timecode) -> None:
    """Put what a line between two events says into the event before it."""
    if clip := _CLIP.match(line.strip()):
        event.clips[clip["side"].upper()] = clip["name"].strip()
    elif locator := _LOCATOR.match(line.strip()):
        try:
            frame = _recorded(event, _frame(locator["label"], timecode))
        except ValueError:
            return
        colour, name = locator["colour"] or "", (locator["name"] or "").strip()
        event.marks.append((frame, Marked(Fraction(0), name, colour.capitalize(), "", is_ours([line]))))
    elif tags := dict(_TAG.findall(line)):
        colour = tags.get("C", "").strip().removeprefix(_RESOLVE_COLOUR)
        note = line.split("|", 1)[0].strip()
        mark = Marked(Fraction(0), tags.get("M", "").strip(), colour, note, is_ours([line]))
        event.marks.append((event.record[0], mark))
        event.is_marker = event.is_marker or event.record[1] - event.record[0] <= max(_whole(tags.get("D", "1")), 1)


def _whole(text: str) -> int:
    return int(text) if text.strip().isdecimal() else 1


def _recorded(event: _Event, frame: int) -> int:
    """A locator counts the timeline's timecode; programs that count the source's are understood too."""
    first, last = event.record
    if first <= frame < max(last, first + 1) or event.source is None:
        return frame
    begins, ends = event.source
    if begins <= frame < ends:
        return first + (frame - begins) * (last - first) // (ends - begins)
    return frame


def _marks(marks: Sequence[tuple[int, Marked]], zero: int, timecode: Timecode) -> tuple[Marked, ...]:
    return tuple(
        Marked(timecode.seconds(frame - zero), mark.name, mark.colour, mark.note, mark.is_ours) for frame, mark in marks
    )


def _track(events: Sequence[_Event], zero: int, timecode: Timecode) -> Track:
    shots, changes = [], []
    for event in events:
        first, last = (frame - zero for frame in event.record)
        if event.is_gradual and event.change_frames:
            changes.append(Change(timecode.seconds(first), timecode.seconds(first + event.change_frames)))
        if first < last and not is_blank(event.reel):
            shots.append(_shot(event, timecode.seconds(first), timecode.seconds(last), timecode))
    return Track(tuple(shots), tuple(changes))


def _shot(event: _Event, start_s: Fraction, end_s: Fraction, timecode: Timecode) -> Shot:
    name = event.clips.get("TO") if event.is_gradual else None
    name = name or event.clips.get("FROM", "")
    is_known = bool(name) or event.reel.upper() not in {"", "AX"}
    if event.source is None or not is_known:
        return Shot(start_s, end_s)
    begins_s, ends_s = (timecode.seconds(frame) for frame in event.source)
    return Shot(start_s, end_s, f"{event.reel} {name}", begins_s, (ends_s - begins_s) / (end_s - start_s))
