"""Whatever an editor cuts is read as it was cut: every rate, every format, after two hours, 0 frames off."""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
import pytest
from edits_made import MadeEdit, Piece, edl_of, fcpxml_of, made_edits, otio_of, seen_marks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from timelines_made import COUNTING_NAMES, COUNTINGS, first_label, long_project, timeline_of

from integrations.timelines.edl import write_edl, write_marker_edls
from integrations.timelines.fcp7xml import write_fcp7xml
from integrations.timelines.fcpxml import write_fcpxml
from integrations.timelines.otio_file import write_otio
from integrations.timelines.reading.read_timeline import read_timeline
from scoring.edit import Edit, Mark
from scoring.errors import TimelineError
from scoring.timebase import FrameRate
from scoring.timecode import Timecode

TWO_HOURS_S = 7200
by_rate = pytest.mark.parametrize(("rate", "is_drop"), COUNTINGS, ids=COUNTING_NAMES)
# One folder for all the examples of a test is what is wanted: each file replaces the one before.
many = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def frames_of(edit: Edit, rate: FrameRate) -> list[tuple[str, int, int, int]]:
    """The cuts in frames; a time that is not its frame's to the last digit fails."""
    assert edit.cuts is not None
    found = []
    for cut in edit.cuts:
        spans = [round(time_s * rate.fraction) for time_s in (cut.start_s, cut.time_s, cut.end_s)]
        assert [cut.start_s, cut.time_s, cut.end_s] == [rate.time_of(frame) for frame in spans]
        found.append((cut.kind, *spans))
    return found


def marks_of(edit: Edit, rate: FrameRate) -> list[tuple[int, str]]:
    return [(round(mark.time_s * rate.fraction), mark.name) for mark in edit.marks]


def late(edit: MadeEdit, rate: FrameRate, is_drop: bool) -> MadeEdit:
    """The edit with two hours before its first cut, in a timeline that starts at one hour."""
    hours = round(TWO_HOURS_S * rate.fraction)
    first, *others = edit.pieces
    pieces = (Piece(first.frames + hours, first.source), *others)
    marks = tuple((frame + hours, name) for frame, name in edit.marks)
    return MadeEdit(pieces, marks, Timecode(rate, is_drop).frame("01:00:00:00"))


@by_rate
@many
@given(edit=made_edits())
def test_otio_is_read_to_the_frame(edit: MadeEdit, rate: FrameRate, is_drop: bool, tmp_path: Path) -> None:
    edit = late(edit, rate, is_drop)
    path = tmp_path / "cut.otio"
    otio.adapters.write_to_file(otio_of(edit, rate), str(path))
    found = read_timeline(path, frame_rate=rate)
    assert frames_of(found, rate) == edit.cuts()
    assert marks_of(found, rate) == list(edit.marks)
    assert found.duration_s == rate.time_of(edit.frames)
    otio.adapters.write_to_file(otio_of(edit, rate, marks_on="clips"), str(path))
    assert marks_of(read_timeline(path, frame_rate=rate), rate) == seen_marks(edit)


@by_rate
@many
@given(edit=made_edits())
def test_an_edl_is_read_to_the_frame(edit: MadeEdit, rate: FrameRate, is_drop: bool, tmp_path: Path) -> None:
    edit = late(edit, rate, is_drop)
    path = tmp_path / "cut.edl"
    path.write_text(edl_of(edit, rate, is_drop=is_drop), "utf-8")
    found = read_timeline(path, frame_rate=rate)
    assert frames_of(found, rate) == edit.cuts()
    assert marks_of(found, rate) == seen_marks(edit)


@by_rate
@many
@given(edit=made_edits())
def test_fcpxml_is_read_to_the_frame(edit: MadeEdit, rate: FrameRate, is_drop: bool, tmp_path: Path) -> None:
    edit = late(edit, rate, is_drop)
    path = tmp_path / "cut.fcpxml"
    path.write_bytes(fcpxml_of(edit, rate, is_drop=is_drop))
    found = read_timeline(path, frame_rate=rate)
    assert frames_of(found, rate) == edit.cuts()
    assert marks_of(found, rate) == list(edit.marks)
    assert found.duration_s == rate.time_of(edit.frames)


@by_rate
@many
@given(edit=made_edits())
def test_final_cut_7s_xml_is_read_to_the_frame(edit: MadeEdit, rate: FrameRate, is_drop: bool, tmp_path: Path) -> None:
    edit = late(edit, rate, is_drop)
    path = tmp_path / "cut.xml"
    path.write_text(otio.adapters.write_to_string(otio_of(edit, rate), "fcp_xml"), "utf-8")
    found = read_timeline(path, frame_rate=rate)
    assert frames_of(found, rate) == edit.cuts()
    assert marks_of(found, rate) == list(edit.marks)


@by_rate
@many
@given(edit=made_edits(dissolves=False))
def test_lists_and_fcpxml_of_the_librarys_adapters_are_read_alike(
    edit: MadeEdit, rate: FrameRate, is_drop: bool, tmp_path: Path
) -> None:
    per_s = float(rate.fraction)
    timeline = otio_of(edit, rate, marks_on="clips")
    texts = {".fcpxml": otio.adapters.write_to_string(timeline, "fcpx_xml")}
    if per_s in (24.0, 25.0, 30.0, 50.0, 60.0) or is_drop:  # what the adapter writes right
        texts[".edl"] = otio.adapters.write_to_string(timeline, "cmx_3600", rate=per_s)
    for suffix, text in texts.items():
        path = tmp_path / f"cut{suffix}"
        path.write_text(text, "utf-8")
        found = read_timeline(path, frame_rate=rate)
        assert frames_of(found, rate) == edit.cuts()
        if suffix == ".fcpxml":  # the adapter's lists count a locator in the source, which may be in the record too
            assert marks_of(found, rate) == seen_marks(edit)


@by_rate
def test_what_cuesmith_exports_has_no_cut_and_no_mark_of_its_own(
    rate: FrameRate, is_drop: bool, tmp_path: Path
) -> None:
    timeline = timeline_of(long_project(tmp_path, rate), first_label(rate, is_drop))
    for suffix, write in [
        (".otio", write_otio),
        (".fcpxml", write_fcpxml),
        (".xml", write_fcp7xml),
        (".edl", write_edl),
    ]:
        path = tmp_path / f"film{suffix}"
        write(timeline, path)
        found = read_timeline(path, frame_rate=rate)
        assert (found.cuts, found.marks) == ((), ())
        assert found.duration_s == rate.time_of(timeline.frames)
    files, _ = write_marker_edls(timeline, tmp_path / "film.markers.edl")
    for path in files:
        found = read_timeline(path, frame_rate=rate)
        assert (found.cuts, found.marks) == (None, ())


def test_only_the_markers_of_the_colour_asked_for_are_marks(tmp_path: Path) -> None:
    rate = FrameRate(25)
    timeline = otio_of(MadeEdit((Piece(100, 0),)), rate)
    at = [otio.opentime.TimeRange(otio.opentime.RationalTime(n, 25), otio.opentime.RationalTime(1, 25)) for n in (5, 9)]
    timeline.tracks.markers.append(otio.schema.Marker("hit", at[0], "PINK"))
    timeline.tracks.markers.append(otio.schema.Marker("chapter", at[1], "GREEN"))
    path = tmp_path / "cut.otio"
    otio.adapters.write_to_file(timeline, str(path))
    assert read_timeline(path, frame_rate=rate, hit_colour="pink").marks == (Mark(0.2, "hit", "Pink"),)
    assert len(read_timeline(path, frame_rate=rate).marks) == 2
    with pytest.raises(TimelineError, match=r"no Sand marker; its 2 have: Green, Pink"):
        read_timeline(path, frame_rate=rate, hit_colour="Sand")


@given(
    edit=made_edits(),
    rates=st.sampled_from([((24_000, 1001), (24, 1)), ((30_000, 1001), (30, 1)), ((60, 1), (60_000, 1001))]),
)
@many
def test_a_timeline_pulled_down_by_a_thousandth_counts_the_films_frames(
    edit: MadeEdit, rates: tuple[tuple[int, int], tuple[int, int]], tmp_path: Path
) -> None:
    film, other = (FrameRate(*rate) for rate in rates)
    edit = late(edit, film, False)
    path = tmp_path / "cut.otio"
    otio.adapters.write_to_file(otio_of(edit, other), str(path))
    assert frames_of(read_timeline(path, frame_rate=film), film) == edit.cuts()


@given(edit=made_edits(dissolves=False))
@many
def test_a_timeline_of_another_rate_is_put_on_the_films_nearest_frames(edit: MadeEdit, tmp_path: Path) -> None:
    film, other = FrameRate(25), FrameRate(60_000, 1001)
    path = tmp_path / "cut.otio"
    otio.adapters.write_to_file(otio_of(late(edit, other, False), other), str(path))
    found = read_timeline(path, frame_rate=film)
    assert found.cuts is not None
    edit = late(edit, other, False)
    expected = {round(frame / other.fraction * film.fraction) for _, _, frame, _ in edit.cuts()}
    last = round(edit.frames / other.fraction * film.fraction)  # a cut that falls onto the film's end is none
    assert [round(cut.time_s * 25) for cut in found.cuts] == sorted(frame for frame in expected if frame < last)


@by_rate
def test_a_film_that_is_a_part_of_the_timeline_begins_where_it_is_said(
    rate: FrameRate, is_drop: bool, tmp_path: Path
) -> None:
    edit = MadeEdit(
        (Piece(100, 0), Piece(50, 1), Piece(70, 2), Piece(200, 3)),
        ((20, "BEFORE"), (130, "WITHIN"), (400, "AFTER")),
        Timecode(rate, is_drop).frame("01:00:00:00"),
    )
    path = tmp_path / "cut.fcpxml"
    path.write_bytes(fcpxml_of(edit, rate, is_drop=is_drop))
    start = Timecode(rate, is_drop).label(edit.start_frame + 110)
    found = read_timeline(path, frame_rate=rate, start=start, duration_s=rate.time_of(100))
    assert frames_of(found, rate) == [("cut", 40, 40, 40)]
    assert marks_of(found, rate) == [(20, "WITHIN")]
    assert found.duration_s == rate.time_of(100)
    with pytest.raises(TimelineError, match="is not in it"):
        read_timeline(path, frame_rate=rate, start="00:59:59:00")
    with pytest.raises(TimelineError, match="HH:MM:SS:FF"):
        read_timeline(path, frame_rate=rate, start="one")
