"""Editors' timelines for tests: random edits, what they must be read as, and the same edit in every format."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import opentimelineio as otio
from hypothesis import strategies as st

from scoring.timebase import FrameRate
from scoring.timecode import Timecode

HANDLE = 50  # frames of every source before what is used of it
SOURCE_FRAMES = 1_000_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the edit. source: None for a gap. goes_on: the source before it goes on in it, unseen.

    dissolve: frames of a dissolve around its start, half of them on each side.
    """

    frames: int
    source: int | None
    goes_on: bool = False
    dissolve: int = 0


@dataclass(frozen=True, slots=True)
class MadeEdit:
    """Pieces one after the other; marks: (frame, name)."""

    pieces: tuple[Piece, ...]
    marks: tuple[tuple[int, str], ...] = ()
    start_frame: int = 0

    @property
    def frames(self) -> int:
        return sum(piece.frames for piece in self.pieces)

    @property
    def starts(self) -> list[int]:
        """The first frame of every piece."""
        found, now = [], 0
        for piece in self.pieces:
            found.append(now)
            now += piece.frames
        return found

    def cuts(self) -> list[tuple[str, int, int, int]]:
        """(kind, start, middle, end) as it must be read, frames."""
        found = []
        for index, (piece, start) in enumerate(zip(self.pieces, self.starts, strict=True)):
            before = self.pieces[index - 1] if index else Piece(0, None)
            if piece.goes_on or (piece.source is None and before.source is None):
                continue
            half = piece.dissolve // 2
            if index or piece.source is None:
                found.append(("dissolve" if half else "cut", start - half, start, start + half))
        return found

    def source_starts(self) -> list[int]:
        """The first frame of its source that every piece shows."""
        found: list[int] = []
        for index, piece in enumerate(self.pieces):
            found.append(found[-1] + self.pieces[index - 1].frames if piece.goes_on else HANDLE)
        return found


@st.composite
def made_edits(draw: st.DrawFn, *, dissolves: bool = True) -> MadeEdit:
    """Random edits that begin with a picture."""
    count = draw(st.integers(1, 12))
    pieces: list[Piece] = []
    for index in range(count):
        frames = draw(st.integers(1, 60))
        before = pieces[-1] if pieces else None
        kind = draw(st.sampled_from(["shot", "shot", "gap", "through", "dissolve"]))
        if kind == "gap" and before is not None and before.source is not None and index < count - 1:
            pieces.append(Piece(frames, None))
        elif kind == "through" and before is not None and before.source is not None:
            pieces.append(Piece(frames, before.source, goes_on=True))
        elif kind == "dissolve" and dissolves and before is not None and before.source is not None:
            half = min(frames, before.frames, HANDLE) // 3
            pieces.append(Piece(frames, index, dissolve=2 * half))
        else:
            pieces.append(Piece(frames, index))
    whole = sum(piece.frames for piece in pieces)
    names = st.text(st.characters(min_codepoint=65, max_codepoint=90), min_size=1, max_size=12)
    marks = draw(st.dictionaries(st.integers(0, whole - 1), names, max_size=5))
    return MadeEdit(tuple(pieces), tuple(sorted(marks.items())))


def otio_of(edit: MadeEdit, rate: FrameRate, *, marks_on: str = "timeline") -> otio.schema.Timeline:
    """The edit as OpenTimelineIO's objects. marks_on: "timeline", or "clips" that are shown at the time."""
    per_s = float(rate.fraction)

    def at(frame: int) -> otio.opentime.RationalTime:
        return otio.opentime.RationalTime(frame, per_s)

    def span(first: int, count: int) -> otio.opentime.TimeRange:
        return otio.opentime.TimeRange(at(first), at(count))

    timeline = otio.schema.Timeline("cut 7", global_start_time=at(edit.start_frame))
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    timeline.tracks.append(track)
    rows = zip(edit.pieces, edit.starts, edit.source_starts(), strict=True)
    for piece, start, source_start in rows:
        if piece.dissolve:
            half = at(piece.dissolve // 2)
            track.append(otio.schema.Transition("dissolve", "SMPTE_Dissolve", half, half))
        if piece.source is None:
            track.append(otio.schema.Gap(source_range=span(0, piece.frames)))
            continue
        media = otio.schema.ExternalReference(f"file:///media/s{piece.source}.mov", span(0, SOURCE_FRAMES))
        clip = otio.schema.Clip(f"s{piece.source}.mov", media, span(source_start, piece.frames))
        track.append(clip)
        for frame, name in edit.marks if marks_on == "clips" else ():
            if start <= frame < start + piece.frames:
                where = span(source_start + frame - start, 1)
                clip.markers.append(otio.schema.Marker(name, where, otio.schema.MarkerColor.RED))
    for frame, name in edit.marks if marks_on == "timeline" else ():
        timeline.tracks.markers.append(otio.schema.Marker(name, span(frame, 1), otio.schema.MarkerColor.RED))
    return timeline


def seen_marks(edit: MadeEdit) -> list[tuple[int, str]]:
    """The marks that lie on a clip."""
    shown = [
        (start, start + piece.frames)
        for piece, start in zip(edit.pieces, edit.starts, strict=True)
        if piece.source is not None
    ]
    return [(frame, name) for frame, name in edit.marks if any(start <= frame < end for start, end in shown)]


def edl_of(edit: MadeEdit, rate: FrameRate, *, is_drop: bool = False) -> str:
    """The edit as Resolve writes a CMX 3600 list: dissolves as a cut of no length and an event that fades in."""
    timecode = Timecode(rate, is_drop)
    lines = ["TITLE: cut 7", f"FCM: {'DROP FRAME' if is_drop else 'NON-DROP FRAME'}", ""]
    rows = list(zip(edit.pieces, edit.starts, edit.source_starts(), strict=True))
    number = 0
    for index, (piece, start, source_start) in enumerate(rows):
        if piece.source is None:
            continue
        number += 1
        half = piece.dissolve // 2
        end = start + piece.frames
        if index + 1 < len(rows):
            end -= rows[index + 1][0].dissolve // 2
        first = start - half

        def event(reel: str, what: str, source: tuple[int, int], record: tuple[int, int], n: int = number) -> str:
            labels = [timecode.label(frame) for frame in (*source, *(edit.start_frame + frame for frame in record))]
            return f"{n:03d}  {reel:<8} V     {what:<8} {' '.join(labels)}"

        source = (source_start - half, source_start - half + end - first)
        if half:
            lines.append(event("AX", "C", (0, 0), (first, first)))
            lines.append(event("AX", f"D    {piece.dissolve:03d}", source, (first, end)))
            lines.append(f"* FROM CLIP NAME: s{edit.pieces[index - 1].source}.mov")
            lines.append(f"* TO CLIP NAME: s{piece.source}.mov")
        else:
            lines.append(event("AX", "C", source, (first, end)))
            lines.append(f"* FROM CLIP NAME: s{piece.source}.mov")
        for frame, name in edit.marks:
            if first <= frame < end:
                lines.append(f"* LOC: {timecode.label(edit.start_frame + frame)} RED     {name}")
        lines.append("")
    return "\r\n".join(lines)


def fcpxml_of(edit: MadeEdit, rate: FrameRate, *, is_drop: bool = False) -> bytes:
    """The edit as Final Cut Pro and Resolve write FCPXML, with times as fractions that are not reduced."""
    frame_s = 1 / rate.fraction

    def time(frames: int) -> str:
        return f"{frames * frame_s.numerator}/{frame_s.denominator}s"

    root = Element("fcpxml", version="1.10")
    resources = SubElement(root, "resources")
    SubElement(resources, "format", id="r0", frameDuration=time(1))
    for source in sorted({piece.source for piece in edit.pieces if piece.source is not None}):
        facts = {"id": f"s{source}", "name": f"s{source}.mov", "hasVideo": "1", "hasAudio": "1", "start": "0/1s"}
        SubElement(resources, "asset", {**facts, "duration": time(SOURCE_FRAMES), "format": "r0"})
    project = SubElement(SubElement(SubElement(root, "library"), "event"), "project", name="cut 7")
    facts = {"format": "r0", "tcStart": time(edit.start_frame), "tcFormat": "DF" if is_drop else "NDF"}
    sequence = SubElement(project, "sequence", {**facts, "duration": time(edit.frames)})
    spine = SubElement(sequence, "spine")
    for piece, start, source_start in zip(edit.pieces, edit.starts, edit.source_starts(), strict=True):
        if piece.dissolve:
            offset = time(edit.start_frame + start - piece.dissolve // 2)
            SubElement(spine, "transition", name="Cross Dissolve", offset=offset, duration=time(piece.dissolve))
        place = {"offset": time(edit.start_frame + start), "duration": time(piece.frames), "start": time(source_start)}
        if piece.source is None:
            item = SubElement(spine, "gap", {**place, "name": "Gap"})
        else:
            item = SubElement(spine, "asset-clip", {**place, "ref": f"s{piece.source}", "name": f"s{piece.source}"})
        for frame, name in edit.marks:
            if start <= frame < start + piece.frames:
                where = time(source_start + frame - start)
                SubElement(item, "marker", start=where, duration=time(1), value=name, completed="0")
    return b"<!DOCTYPE fcpxml>\n" + ElementTree.tostring(root)
