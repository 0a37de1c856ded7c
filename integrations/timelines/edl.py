"""The timeline as EDLs: the events of CMX 3600, and Resolve's own form of an EDL for markers.

OpenTimelineIO's cmx_3600 adapter is not used for writing: it counts 29.97 and 59.94 as drop-frame whatever the timeline
does, says neither that nor where the timeline starts, and writes no audio.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from integrations.timelines.colours import colours
from integrations.timelines.film_timeline import Clip, FilmTimeline
from integrations.timelines.markers import Marker
from integrations.timelines.wording import field, line
from pipeline.publish import write_text

MOST_EVENTS = 999  # an event's number has three digits
_REEL, _MARKER_REEL = "AX", "001"  # no tape: programs find the file by its name
_CHANNELS = ("A", "A2", "A3")


def write_edl(timeline: FilmTimeline, path: Path) -> tuple[str, ...]:
    """Write the EDL of the picture, the film's own sound and the music; what it could not hold, for people.

    Raises OutputRefused, DiskFull.
    """
    heard = [clip for clip in timeline.sounds if not clip.is_muted]
    events = [_event(timeline, 1, timeline.picture, "V")]
    events += [_event(timeline, n, clip, _CHANNELS[n - 2]) for n, clip in enumerate(heard, 2)]
    write_text(path, "\n".join([*_head(timeline), *events]))
    return ("an EDL has no muted tracks: the stems are not in it",) if timeline.stems else ()


def write_marker_edls(timeline: FilmTimeline, path: Path) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Write the EDL of the markers, in several files where there are more than 999: the files, and what they lack.

    One frame has one marker, as in Resolve: those that meet on one are written as one, the cue's or the hit's first.
    Raises OutputRefused, DiskFull.
    """
    joined = [tuple(group) for _, group in groupby(timeline.markers, key=lambda marker: marker.frame)]
    parts = [joined[first : first + MOST_EVENTS] for first in range(0, len(joined), MOST_EVENTS)] or [[]]
    files = []
    for number, part in enumerate(parts, 1):
        place = path if number == 1 else path.with_name(f"{path.stem}.{number}{path.suffix}")
        events = [_marker_event(timeline, n, markers) for n, markers in enumerate(part, 1)]
        write_text(place, "\n".join([*_head(timeline), *events]))
        files.append(place)
    met = len(timeline.markers) - len(joined)
    told = f"markers that share a frame with another's are written as one in the marker EDL: {met} of them"
    return tuple(files), (told,) if met else ()


def _head(timeline: FilmTimeline) -> list[str]:
    counting = "DROP FRAME" if timeline.timecode.is_drop else "NON-DROP FRAME"
    return [f"TITLE: {line(timeline.name)}", f"FCM: {counting}", ""]


def _event(timeline: FilmTimeline, number: int, clip: Clip, channel: str) -> str:
    source = _span(timeline, clip.starts_at, timeline.frames)
    record = _span(timeline, timeline.start, timeline.frames)
    return (
        f"{number:03d}  {_REEL:8} {channel:5} C        {source} {record}\n"
        f"* FROM CLIP NAME:  {line(clip.path.name)}\n"
        f"* FROM FILE: {line(str(clip.path.absolute()))}\n"
    )


def _marker_event(timeline: FilmTimeline, number: int, markers: Sequence[Marker]) -> str:
    """One event of one frame. Resolve takes what stands before the first bar for the note."""
    first = markers[0]
    span = _span(timeline, timeline.start + first.frame, 1)
    note = " / ".join(field(marker.tagged_note) for marker in markers)
    name = " + ".join(field(marker.name) for marker in markers)
    colour = colours()[first.role].resolve
    return (
        f"{number:03d}  {_MARKER_REEL:8} {'V':5} C        {span} {span}\n"
        f"{note} |C:ResolveColor{colour} |M:{name} |D:{first.frames}\n"
    )


def _span(timeline: FilmTimeline, first: int, frames: int) -> str:
    return f"{timeline.timecode.label(first)} {timeline.timecode.label(first + frames)}"
