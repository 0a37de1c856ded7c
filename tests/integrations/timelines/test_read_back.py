"""What is written is read by OpenTimelineIO: two hours, 300 cues, 500 hits, every rate, every format, 0 frames off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import opentimelineio as otio
import pytest
from timelines_made import (
    COUNTING_NAMES,
    COUNTINGS,
    Seen,
    first_label,
    long_project,
    nearest,
    seen_in_edl,
    seen_in_fcpxml,
    seen_in_otio,
    timeline_of,
)

from integrations.timelines.edl import write_edl, write_marker_edls
from integrations.timelines.fcp7xml import write_fcp7xml
from integrations.timelines.fcpxml import write_fcpxml
from integrations.timelines.film_timeline import FilmTimeline
from integrations.timelines.otio_file import write_otio
from pipeline.project import Project
from scoring.timebase import FrameRate
from scoring.timecode import Timecode

LENGTH_S = 7200.0


def by_otio(timeline: FilmTimeline, folder: Path) -> Seen:
    path = folder / "film.otio"
    assert write_otio(timeline, path) == ()
    return seen_in_otio(otio.adapters.read_from_file(str(path)))


def by_fcp7xml(timeline: FilmTimeline, folder: Path) -> Seen:
    path = folder / "film.xml"
    assert write_fcp7xml(timeline, path) == ()
    return seen_in_otio(otio.adapters.read_from_file(str(path)))


def by_fcpxml(timeline: FilmTimeline, folder: Path) -> Seen:
    path = folder / "film.fcpxml"
    write_fcpxml(timeline, path)
    return seen_in_fcpxml(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("read", [by_otio, by_fcp7xml, by_fcpxml])
@pytest.mark.parametrize(("rate", "is_drop"), COUNTINGS, ids=COUNTING_NAMES)
def test_clips_and_markers_are_on_their_frames_after_two_hours(
    read: Callable[[FilmTimeline, Path], Seen], rate: FrameRate, is_drop: bool, tmp_path: Path
) -> None:
    project = long_project(tmp_path, rate)
    seen = read(timeline_of(project, first_label(rate, is_drop)), tmp_path)
    frames = nearest(LENGTH_S, rate)
    assert seen.rate == rate.numerator / rate.denominator
    assert seen.start == Timecode(rate, is_drop).frame("01:00:00:00")
    assert {name for _, name, _, _ in seen.tracks} == {"film.mp4", "film.music.wav", "bass.flac", "lead.flac"}
    assert all((first, count) == (0, frames) for _, _, first, count in seen.tracks)
    assert sorted(marker[:2] for marker in seen.markers) == expected(project, rate)


@pytest.mark.parametrize(("rate", "is_drop"), COUNTINGS, ids=COUNTING_NAMES)
def test_edls_are_on_their_frames_after_two_hours(rate: FrameRate, is_drop: bool, tmp_path: Path) -> None:
    project = long_project(tmp_path, rate)
    timeline = timeline_of(project, first_label(rate, is_drop))
    write_edl(timeline, tmp_path / "film.edl")
    seen = seen_in_edl((tmp_path / "film.edl").read_text(encoding="utf-8"), rate)
    frames = nearest(LENGTH_S, rate)
    assert seen.start == timeline.start == Timecode(rate, is_drop).frame("01:00:00:00")
    assert seen.tracks == [
        ("Video", "film.mp4", 0, frames),
        ("Audio", "film.mp4", 0, frames),
        ("Audio", "film.music.wav", 0, frames),
    ]
    files, _ = write_marker_edls(timeline, tmp_path / "film.markers.edl")
    found = [_markers(path, rate, timeline.start) for path in files]
    wanted = expected(project, rate)
    assert [frame for part in found for frame in part] == sorted({frame for frame, _ in wanted})


def _markers(path: Path, rate: FrameRate, start: int) -> list[int]:
    """The frames of an EDL's markers, from the first picture."""
    seen = seen_in_edl(path.read_text(encoding="utf-8"), rate)
    return [seen.start - start + first for first, _, _ in seen.markers]


def expected(project: Project, rate: FrameRate) -> list[tuple[int, int]]:
    """First frame and length of every marker, by arithmetic of the test's own."""
    spans_s = [(cue.in_s, cue.out_s) for cue in project.sheet.cues]
    spans_s += [(hit.time_s, hit.time_s) for cue in project.sheet.cues for hit in cue.hit_points]
    spans_s += [(duck["start_s"], duck["end_s"]) for duck in project.report["dialogue"]["ducks"]]
    assert len(spans_s) == 900
    spans = [(nearest(first_s, rate), nearest(last_s, rate)) for first_s, last_s in spans_s]
    return sorted((first, max(1, last - first)) for first, last in spans)
