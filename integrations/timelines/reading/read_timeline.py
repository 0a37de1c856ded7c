"""From an editor's timeline to the edit that a film is scored by: exact cuts, and the marks that people set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from integrations.timelines.rates import timeline_rate
from integrations.timelines.reading.cuts import cuts_of
from integrations.timelines.reading.edl import parse_edl
from integrations.timelines.reading.fcp7xml import parse_fcp7xml
from integrations.timelines.reading.fcpxml import parse_fcpxml
from integrations.timelines.reading.opening import Opened, open_timeline
from integrations.timelines.reading.otio_timeline import parse_otio
from integrations.timelines.reading.timeline import Budget, Marked, Timeline, Track, flatten
from integrations.timelines.reading.xml_tree import parse_xml
from scoring.edit import MOST_CUTS, MOST_MARKS, Edit, Mark
from scoring.errors import CuesmithError, TimelineError
from scoring.timebase import FrameRate
from scoring.timecode import Timecode, is_drop_label

LONGEST_COLOUR = 40  # letters, as in an edit's document
_PULLED_DOWN = Fraction(1001, 1000)  # a timeline of 24 frames a second is that of a film of 24000/1001, frame by frame


def read_timeline(
    path: Path,
    *,
    frame_rate: FrameRate,
    hit_colour: str | None = None,
    track: int | None = None,
    start: str | None = None,
    duration_s: float | None = None,
) -> Edit:
    """The edit in an OTIO, EDL, FCPXML or Final Cut Pro 7 XML file, on the film's frames.

    frame_rate: the film's. hit_colour: the one colour of markers that are taken as marks; all where None.
    track: the one video track that is looked at, from 1, the lowest; where None, the topmost with a picture counts.
    start: the timecode of the film's first picture, "01:00:00:00", where the film is a part of the timeline; where
    None, the timeline begins with the film. duration_s: the film's; of a part, what comes after it is left out.
    Markers that Cuesmith made are left out. Cuts are None where the file only has markers.
    Raises TimelineError: the file, what was found in it, what to do.
    """
    where = path.name
    try:
        timeline = _parse(open_timeline(path), where, frame_rate)
        shift_s = Fraction(0) if start is None else _start_s(start, timeline, where)
        edit = _edit(timeline, where, frame_rate, hit_colour, track, shift_s)
        return edit if start is None or duration_s is None else _until(edit, duration_s)
    except CuesmithError:
        raise
    except Exception as error:  # the library and its C++ raise all sorts of things for a broken file
        raise TimelineError(
            f"{where} cannot be read as a timeline: {type(error).__name__}: {str(error)[:200]}",
            "Export it again, or in another format: OTIO, FCPXML, FCP 7 XML or EDL",
        ) from error


def _parse(opened: Opened, where: str, frame_rate: FrameRate) -> Timeline:
    if opened.kind == "otio":
        return parse_otio(opened.text, where)
    if opened.kind == "edl":
        rate, _ = timeline_rate(frame_rate)  # an EDL does not say its own
        return parse_edl(opened.text, where, rate)
    root = parse_xml(opened.data, where)
    if root.tag == "fcpxml":
        return parse_fcpxml(root, where, frame_rate)
    if root.tag == "xmeml":
        return parse_fcp7xml(root, where)
    raise TimelineError(f"{where} is XML of the kind <{root.tag[:40]}>", "Give FCPXML or Final Cut Pro 7 XML")


def _start_s(label: str, timeline: Timeline, where: str) -> Fraction:
    """How far into the timeline the film begins, timeline seconds."""
    try:
        timecode = Timecode(FrameRate.from_fraction(timeline.rate), timeline.is_drop or is_drop_label(label))
        frame = timecode.frame(label)
    except ValueError as error:
        raise TimelineError(f"the start in {where}: {error}", "Write it as 01:00:00:00, or 01:00:00;00") from error
    shift_s = (frame - timeline.start_frame) / timeline.rate
    if shift_s < 0 or (timeline.duration_s is not None and shift_s >= timeline.duration_s):
        first = timecode.label(timeline.start_frame)
        raise TimelineError(f"{where} begins at {first}, and {label} is not in it", "Give a timecode that is")
    return shift_s


def _until(edit: Edit, end_s: float) -> Edit:
    cuts = None if edit.cuts is None else tuple(cut for cut in edit.cuts if cut.time_s < end_s)
    marks = tuple(mark for mark in edit.marks if mark.time_s < end_s)
    whole_s = end_s if edit.duration_s is None else min(edit.duration_s, end_s)
    return replace(edit, cuts=cuts, marks=marks, duration_s=whole_s)


def _edit(
    timeline: Timeline, where: str, rate: FrameRate, colour: str | None, track: int | None, shift_s: Fraction
) -> Edit:
    ratio = timeline.rate / rate.fraction
    scale = ratio if ratio in (_PULLED_DOWN, 1 / _PULLED_DOWN) else Fraction(1)

    def film_s(time_s: Fraction) -> float:
        return rate.time_of(max(round((time_s - shift_s) * scale * rate.fraction), 0))

    cuts = None
    picture = flatten(_chosen(timeline.tracks, track, where), Budget(where))
    if picture.shots:
        cuts = cuts_of(picture, timeline.duration_s or picture.shots[-1].end_s, film_s)
    elif not timeline.marks:
        raise TimelineError(f"{where} has no picture and no marker", "Export the timeline with its video")
    ends_s = timeline.duration_s or max(mark.time_s + 1 for mark in timeline.marks)
    seen = [mark for mark in timeline.marks if shift_s <= mark.time_s < ends_s and not mark.is_ours]
    marks = _marks(seen, colour, where, film_s)
    for name, rows, most in (("cuts", cuts or (), MOST_CUTS), ("markers", marks, MOST_MARKS)):
        if len(rows) > most:
            raise TimelineError(f"{where} has {len(rows)} {name}", f"At most {most} are taken")
    duration_s = None if timeline.duration_s is None else film_s(timeline.duration_s)
    return Edit(cuts, marks, duration_s, where)


def _chosen(tracks: Sequence[Track], number: int | None, where: str) -> Sequence[Track]:
    if number is None:
        return tracks
    if not 1 <= number <= len(tracks):
        raise TimelineError(
            f"{where} has {len(tracks)} video tracks, and no track {number}", "Count from the lowest, 1"
        )
    return (tracks[number - 1],)


def _marks(
    marks: Sequence[Marked], colour: str | None, where: str, film_s: Callable[[Fraction], float]
) -> tuple[Mark, ...]:
    """The marks of a colour, rising. What a clip of picture and its sound both carry is one."""
    wanted = [mark for mark in marks if colour is None or mark.colour.casefold() == colour.casefold()]
    if marks and not wanted:
        found = ", ".join(sorted({mark.colour or "no colour" for mark in marks}))
        raise TimelineError(f"{where} has no {colour} marker; its {len(marks)} have: {found}", "Choose one of these")
    unique = {(film_s(mark.time_s), mark.name, mark.colour[:LONGEST_COLOUR], mark.note) for mark in wanted}
    return tuple(Mark(*fields) for fields in sorted(unique))
